/** Where things come in and go on, loaded together: deliveries, destinations, and the settings of both. */
import './shared.ts';
import { Deliveries } from './deliveries.tsx';
import { DeliveryScreen } from './delivery.tsx';
import { DestinationScreen } from './destination.tsx';
import { Destinations } from './destinations.tsx';
import { Settings } from './settings.tsx';

export const EDGES = { Deliveries, DeliveryScreen, DestinationScreen, Destinations, Settings } as const;
