/** What a policy allows, one line for each action on each resource, in the names of the resources. */
import { at, type Json, type Properties, type Synthesised } from './synthesised.ts';

const listed = (value: Json | undefined): readonly Json[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly Json[]) : [value];

/** Sorted lines of a policy document; a line that denies begins with `deny`. Conditions follow. */
const permissionLines = (stack: Synthesised, document: Json | undefined): readonly string[] =>
  (listed(at(document, 'Statement')) as readonly Properties[])
    .flatMap(({ Effect, Action, Resource, Condition }) =>
      listed(Action).flatMap((action) =>
        listed(Resource).map((resource) =>
          [
            Effect === 'Allow' ? '' : 'deny ',
            `${action} on ${stack.readable(resource)}`,
            Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`,
          ].join(''),
        ),
      ),
    )
    .sort();

/** Everything that the managed policies of the stack allow the role of this name. */
export const permissionsOfRole = (stack: Synthesised, roleName: string): readonly string[] => {
  const role = stack.one('AWS::IAM::Role', roleName);
  return listed(role.Properties.ManagedPolicyArns).flatMap((reference) => {
    const logicalId = at(reference, 'Ref');
    return typeof logicalId === 'string'
      ? permissionLines(stack, stack.byLogicalId(logicalId).Properties.PolicyDocument)
      : [`everything in ${stack.readable(reference)}`];
  });
};
