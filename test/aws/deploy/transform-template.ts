/**
 * Makes a synthesised template fit for the emulator: drops what it cannot create, says what and why, and points the
 * functions at the fault proxy and the Lambda host. A type that is not in the table is an error: nothing is dropped by
 * chance. That the dropped resources are right is asserted on the untouched template (`test/infra`).
 */

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly UpdatePolicy?: unknown;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

export interface Removed {
  readonly logicalId: string;
  readonly type: string;
  readonly reason: string;
}

const NO_SUCH_TYPE = 'the emulator has no such type';

/** What becomes of each type: null is kept, a text is why it is dropped. */
const TYPES: Readonly<Record<string, string | null>> = {
  'AWS::ApiGateway::Account': null,
  'AWS::ApiGateway::Deployment': null,
  'AWS::ApiGateway::GatewayResponse': null,
  'AWS::ApiGateway::Method': null,
  'AWS::ApiGateway::Resource': null,
  'AWS::ApiGateway::RestApi': null,
  'AWS::ApiGateway::Stage': null,
  'AWS::ApplicationAutoScaling::ScalableTarget': NO_SUCH_TYPE,
  'AWS::CloudWatch::Alarm': null,
  'AWS::CloudWatch::Dashboard': null,
  'AWS::CodeDeploy::Application': NO_SUCH_TYPE,
  'AWS::CodeDeploy::DeploymentGroup': 'the emulator has no such type: an alias moves to its new version at once',
  'AWS::DynamoDB::Table': null,
  'AWS::Events::Archive': NO_SUCH_TYPE,
  'AWS::Events::EventBus': null,
  'AWS::Events::Rule': null,
  'AWS::IAM::ManagedPolicy': null,
  'AWS::IAM::Role': null,
  'AWS::KMS::Alias': null,
  'AWS::KMS::Key': null,
  'AWS::Lambda::Alias': null,
  'AWS::Lambda::EventInvokeConfig': null,
  'AWS::Lambda::EventSourceMapping': null,
  'AWS::Lambda::Function': null,
  'AWS::Lambda::LayerVersion': null,
  'AWS::Lambda::Permission': null,
  'AWS::Lambda::Version': null,
  'AWS::Logs::LogGroup': null,
  'AWS::Logs::MetricFilter': 'the emulator counts nothing from log lines',
  'AWS::S3::Bucket': null,
  'AWS::S3::BucketPolicy': null,
  'AWS::SNS::Subscription': null,
  'AWS::SNS::Topic': null,
  'AWS::SNS::TopicPolicy': null,
  'AWS::SQS::Queue': null,
  'AWS::SQS::QueuePolicy': null,
  'AWS::SecretsManager::Secret': null,
  'AWS::WAFv2::IPSet': NO_SUCH_TYPE,
  'AWS::WAFv2::LoggingConfiguration': NO_SUCH_TYPE,
  'AWS::WAFv2::WebACL': 'it names an IPSet, which the emulator does not have, and is never applied there',
  'AWS::WAFv2::WebACLAssociation': NO_SUCH_TYPE,
  'AWS::XRay::ResourcePolicy': NO_SUCH_TYPE,
  'AWS::XRay::SamplingRule': NO_SUCH_TYPE,
  'Custom::S3AutoDeleteObjects': 'empties buckets on destroy; the emulator is reset instead',
};

/** What may go with what it watches: the flow does not need it. */
const ONLY_WATCHING: ReadonlySet<string> = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Events::Rule',
]);

export interface TransformInput {
  readonly template: Template;
  /** What the environment of every function has besides its own: where AWS is, and who runs it. */
  readonly environment: Readonly<Record<string, string>>;
  /** What is to be left out besides, and why; null for what stays. @default nothing */
  readonly reasonToLeaveOut?: (resource: Template['Resources'][string]) => string | null;
}

export const transformTemplate = ({
  template,
  environment,
  reasonToLeaveOut = () => null,
}: TransformInput): { readonly template: Template; readonly removed: readonly Removed[] } => {
  const removed: Removed[] = [];
  const dropped = new Set<string>();
  const drop = (logicalId: string, { Type: type }: Resource, reason: string): void => {
    removed.push({ logicalId, type, reason });
    dropped.add(logicalId);
  };
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    const reason = reasonToLeaveOut(resource) ?? reasonToDrop(logicalId, resource);
    if (reason !== null) drop(logicalId, resource, reason);
  }
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    const needed = neededOf(resource.Properties).find((target) => dropped.has(target));
    if (needed === undefined || dropped.has(logicalId)) continue;
    if (!ONLY_WATCHING.has(resource.Type)) throw new Error(`${logicalId} needs ${needed}, which is dropped`);
    drop(logicalId, resource, `watches ${needed}, which is dropped`);
  }
  const kept = Object.entries(template.Resources).filter(([logicalId]) => !dropped.has(logicalId));
  const resources = Object.fromEntries(
    kept.map(([logicalId, resource]) => [
      logicalId,
      withoutDependencies(withPaths(withEnvironment(resource, environment)), dropped),
    ]),
  );
  return { template: { ...template, Resources: resources }, removed };
};

const reasonToDrop = (logicalId: string, { Type: type, Properties: properties }: Resource): string | null => {
  const reason = TYPES[type];
  if (reason === undefined) throw new Error(`${logicalId} is an ${type}: say in TYPES what the emulator makes of it`);
  if (type === 'AWS::CloudWatch::Alarm' && properties?.Metrics !== undefined)
    return 'metric math fails the stack there';
  return reason;
};

const withEnvironment = (resource: Resource, environment: Readonly<Record<string, string>>): Resource => {
  if (resource.Type !== 'AWS::Lambda::Function') return resource;
  const { Variables: variables } = (resource.Properties?.Environment ?? {}) as { Variables?: object };
  return {
    ...resource,
    Properties: { ...resource.Properties, Environment: { Variables: { ...variables, ...environment } } },
  };
};

/** CloudFormation writes `/` as `~1` in the paths of method settings; the emulator takes them as they stand, and finds none. */
const withPaths = (resource: Resource): Resource => {
  if (resource.Type !== 'AWS::ApiGateway::Stage') return resource;
  const settings = (resource.Properties?.MethodSettings ?? []) as readonly { readonly ResourcePath: string }[];
  const MethodSettings = settings.map((one) => ({
    ...one,
    ResourcePath: one.ResourcePath.replace(/^\/~1/, '/').replaceAll('~1', '/'),
  }));
  return { ...resource, Properties: { ...resource.Properties, MethodSettings } };
};

const withoutDependencies = (resource: Resource, dropped: ReadonlySet<string>): Resource => {
  const { DependsOn: dependsOn, UpdatePolicy: updatePolicy, ...rest } = resource;
  const left = [dependsOn ?? []].flat().filter((logicalId) => !dropped.has(logicalId));
  return {
    ...rest,
    ...(left.length === 0 ? {} : { DependsOn: left }),
    ...(updatePolicy === undefined || neededOf(updatePolicy).some((logicalId) => dropped.has(logicalId))
      ? {}
      : { UpdatePolicy: updatePolicy }),
  };
};

/** Logical ids that a value refers to. */
const neededOf = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  const { Ref: ref, 'Fn::GetAtt': attribute } = value as { Ref?: unknown; 'Fn::GetAtt'?: unknown };
  const own = typeof ref === 'string' ? [ref] : Array.isArray(attribute) ? [String(attribute[0])] : [];
  return [...own, ...Object.values(value).flatMap(neededOf)];
};
