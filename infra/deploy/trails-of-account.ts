/** What CloudTrail records of an account in a region: alerts about changes hang on it, and so does evidence of who read what. */
import {
  CloudTrailClient,
  DescribeTrailsCommand,
  type EventSelector,
  GetEventSelectorsCommand,
  type GetEventSelectorsCommandOutput,
  GetTrailStatusCommand,
} from '@aws-sdk/client-cloudtrail';
import { askAws } from './ask-aws.ts';

export interface RecordedEvents {
  /** Calls that change something. Without them EventBridge hears of none. */
  readonly changes: boolean;
  /** Who read or wrote items of tables, and objects of buckets. */
  readonly items: boolean;
  readonly objects: boolean;
}

const TABLES = 'AWS::DynamoDB::Table';
const OBJECTS = 'AWS::S3::Object';
const NOTHING: RecordedEvents = { changes: false, items: false, objects: false };

/** Of all trails that record now, those of an organisation included. A trail that does not let us look counts as nothing. */
export const recordedEvents = async (options: { readonly region: string }): Promise<RecordedEvents> => {
  const client = new CloudTrailClient(options);
  const { trailList: trails = [] } = await askAws('the trails of CloudTrail', () =>
    client.send(new DescribeTrailsCommand({})),
  );
  const each = await Promise.all(trails.map(({ TrailARN: arn = '' }) => recordedBy(client, arn)));
  return {
    changes: each.some(({ changes }) => changes),
    items: each.some(({ items }) => items),
    objects: each.some(({ objects }) => objects),
  };
};

const recordedBy = (client: CloudTrailClient, arn: string): Promise<RecordedEvents> =>
  askAws(
    `trail ${arn}`,
    async () => {
      const { IsLogging: isOn = false } = await client.send(new GetTrailStatusCommand({ Name: arn }));
      return isOn ? selectedBy(await client.send(new GetEventSelectorsCommand({ TrailName: arn }))) : NOTHING;
    },
    // Of an organisation's trail a member may know no more than that it is there.
    { errors: ['AccessDeniedException', 'AccessDenied', 'TrailNotFoundException'], otherwise: NOTHING },
  );

const selectedBy = ({
  EventSelectors: plain = [],
  AdvancedEventSelectors: advanced = [],
}: Pick<GetEventSelectorsCommandOutput, 'EventSelectors' | 'AdvancedEventSelectors'>): RecordedEvents => {
  const advancedHas = (field: string, value: string): boolean =>
    advanced.some(({ FieldSelectors: fields = [] }) =>
      fields.some(({ Field, Equals = [] }) => Field === field && Equals.includes(value)),
    );
  const plainHas = (type: string): boolean =>
    plain.some(({ DataResources: resources = [] }) => resources.some(({ Type }) => Type === type));
  return {
    changes: plain.some(isAboutChanges) || advancedHas('eventCategory', 'Management'),
    items: plainHas(TABLES) || advancedHas('resources.type', TABLES),
    objects: plainHas(OBJECTS) || advancedHas('resources.type', OBJECTS),
  };
};

const isAboutChanges = ({ IncludeManagementEvents: isIncluded, ReadWriteType: kind }: EventSelector): boolean =>
  isIncluded !== false && kind !== 'ReadOnly';
