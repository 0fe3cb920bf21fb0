/** The rules in deploy/aws, as they are in the files. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { decodeRotationEvent } from '../../../src/rotation/rotation-event.ts';
import {
  apiCall,
  deleteSecret,
  labelUpdated,
  restoreSecret,
  serviceEvent,
  tagCall,
} from '../rotation/sample-events.ts';
import { matchesPattern } from './event-pattern.ts';

const read = (name: string) => readFileSync(new URL(`../../../deploy/aws/${name}`, import.meta.url), 'utf8');
const template = read('rotation-events.cloudformation.yaml');
const terraform = read('rotation-events.tf');

/** CloudFormation's own tags (`!Ref`) are left as the texts behind them. */
const { Resources: resources, Outputs: outputs } = parse(template, { logLevel: 'silent' });

const PATTERNS: Readonly<Record<string, unknown>> = {
  labels: resources.LabelRule.Properties.EventPattern,
  cloudtrail: resources.CloudTrailRule.Properties.EventPattern,
};

/** The pattern of a rule in the Terraform file, where it is a JSON document. */
function terraformPattern(rule: string): unknown {
  const [, text = ''] =
    new RegExp(
      `resource "aws_cloudwatch_event_rule" "${rule}" \\{[\\s\\S]*?event_pattern = <<-JSON\n([\\s\\S]*?)\n\\s*JSON\n`,
    ).exec(terraform) ?? [];
  return JSON.parse(text);
}

const SAMPLES: Readonly<Record<string, readonly [event: object, rule: string | undefined]>> = {
  'AWSCURRENT moved': [labelUpdated(), 'labels'],
  'a label of the user moved': [labelUpdated({ labelUpdated: 'blue' }), 'labels'],
  DeleteSecret: [deleteSecret(), 'cloudtrail'],
  'DeleteSecret in China': [{ ...deleteSecret(), 'detail-type': 'Amazon API Call via CloudTrail' }, 'cloudtrail'],
  RestoreSecret: [restoreSecret(), 'cloudtrail'],
  TagResource: [tagCall('TagResource'), 'cloudtrail'],
  UntagResource: [tagCall('UntagResource'), 'cloudtrail'],
  RotationFailed: [serviceEvent('RotationFailed'), 'cloudtrail'],
  'DeleteSecret that failed': [deleteSecret({ errorCode: 'AccessDenied', errorMessage: 'no' }), undefined],
  'PutSecretValue by CloudTrail, which the native event covers': [apiCall('PutSecretValue', {}), undefined],
  RotationStarted: [serviceEvent('RotationStarted'), undefined],
  GetSecretValue: [apiCall('GetSecretValue', { requestParameters: { secretId: 'mySecret' } }), undefined],
  'an event of another service': [labelUpdated({}, { source: 'aws.ssm' }), undefined],
};

describe('the rules in deploy/aws', () => {
  it.each(Object.entries(SAMPLES))('%s', (_sentence, [event, rule]) => {
    const matching = Object.entries(PATTERNS).filter(([, pattern]) => matchesPattern(pattern, event));
    expect(matching.map(([name]) => name)).toEqual(rule === undefined ? [] : [rule]);
  });

  it('let nothing through that the operator cannot read', () => {
    for (const [event, rule] of Object.values(SAMPLES)) {
      if (rule !== undefined) expect(decodeRotationEvent(JSON.stringify(event)).kind).toBe('event');
    }
  });

  it.each(Object.keys(PATTERNS))('are the same for Terraform: %s', (rule) => {
    expect(terraformPattern(rule)).toEqual(PATTERNS[rule]);
  });

  it('name the permissions that the operator needs, the same for both', () => {
    const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'];
    const statement: unknown = JSON.parse(outputs.OperatorPolicyStatement.Value);
    expect(statement).toEqual({ Effect: 'Allow', Action: actions, Resource: `\${Queue.Arn}` });
    expect(terraform).toContain(`actions   = ["${actions.join('", "')}"]`);
  });

  const SETTINGS: Readonly<Record<string, readonly [cloudFormation: unknown, terraform: RegExp]>> = {
    'the retention of the queue': [
      resources.Queue.Properties.MessageRetentionPeriod,
      /message_retention_seconds\s+= (86400)/,
    ],
    'the retention of the dead-letter queue': [
      resources.DeadLetterQueue.Properties.MessageRetentionPeriod,
      /message_retention_seconds = (1209600)/,
    ],
    'the visibility': [resources.Queue.Properties.VisibilityTimeout, /visibility_timeout_seconds = (\d+)/],
    'the long poll': [resources.Queue.Properties.ReceiveMessageWaitTimeSeconds, /receive_wait_time_seconds\s+= (\d+)/],
    'the deliveries': [
      parse(template, { logLevel: 'silent' }).Parameters.MaxReceiveCount.Default,
      /max_receive_count"[\s\S]*?default\s+= (\d+)/,
    ],
  };
  it.each(Object.entries(SETTINGS))('have the same settings for Terraform: %s', (_sentence, [setting, inTerraform]) => {
    expect(Number(inTerraform.exec(terraform)?.[1])).toBe(setting);
  });
});
