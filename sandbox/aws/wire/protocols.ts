/** Reads calls and writes answers in both protocols: EC2's query protocol (form in, XML out) and AWS JSON 1.1. */

import { knowsEc2Action, runEc2 } from '../ec2/actions.js';
import { readForm } from '../ec2/form.js';
import { envelope, errorDocument, identityDocument, identityRefusal } from '../ec2/xml.js';
import { AwsError } from '../errors.js';
import type { Call } from '../state/journal.js';
import type { Lifecycle } from '../state/lifecycle.js';
import type { State } from '../state/state.js';
import { DIRECTORY_ACTIONS } from '../workspaces/directory-service.js';
import { WORKSPACES_ACTIONS } from '../workspaces/workspaces.js';

export interface Reply {
  status: number;
  type: string;
  body: string;
}

/** A call that was read but not yet carried out. */
export interface Incoming {
  service: Call['service'];
  action: string;
  request: Record<string, unknown>;
  known: boolean;
  /** Carries the call out. @throws AwsError */
  run(state: State, life: Lifecycle): (requestId: string) => Reply;
  refuse(error: AwsError, requestId: string): Reply;
  /** The errors of this service that have nothing to do with the arguments of a call. */
  words: Record<'throttled' | 'broken' | 'unsigned', () => AwsError> & {
    /** @param action the action that IAM forbids, with the service's prefix */
    denied(action: string): AwsError;
  };
  /** The actions that IAM is asked about: the call's own, and `CreateTags` where tags go with the call. */
  needs: readonly string[];
}

/** @param target the header `X-Amz-Target`, which only AWS JSON has */
export function readCall(target: string | undefined, body: string): Incoming {
  if (target !== undefined) return jsonCall(target, body);
  return new URLSearchParams(body).get('Action') === WHO ? stsCall(body) : ec2Call(body);
}

/** The one action of STS: who the caller is. STS has its own form of XML. */
const WHO = 'GetCallerIdentity';

function stsCall(body: string): Incoming {
  const { fields } = readForm(body);
  const refusal = (code: string, message: string) => () => new AwsError(code, message, 403);
  return {
    ...ec2Call(body),
    service: 'sts',
    request: fields,
    known: true,
    // STS answers everybody whose signature verifies.
    needs: [],
    run:
      ({ world }) =>
      (requestId) => ({ status: 200, type: 'text/xml', body: identityDocument(world.accountId, requestId) }),
    refuse: ({ code, message, status }, requestId) => ({
      status,
      type: 'text/xml',
      body: identityRefusal(code, message, requestId),
    }),
    words: {
      throttled: refusal('Throttling', 'Rate exceeded'),
      broken: () => new AwsError('InternalFailure', 'Internal failure', 500),
      denied: (forbidden) => new AwsError('AccessDenied', notAuthorized(forbidden), 403),
      unsigned: refusal('InvalidClientTokenId', 'The security token included in the request is invalid.'),
    },
  };
}

const XML = 'text/xml;charset=UTF-8';
const JSON_1_1 = 'application/x-amz-json-1.1';

function ec2Call(body: string): Incoming {
  const { form, fields } = readForm(body);
  const action = form.text('Action') ?? '';
  return {
    service: 'ec2',
    action,
    request: fields,
    known: knowsEc2Action(action),
    needs: form.items('TagSpecification').length > 0 ? [action, 'CreateTags'] : [action],
    run(state) {
      const answer = runEc2(state, action, form);
      return (requestId) => ({ status: 200, type: XML, body: envelope(action, requestId, answer) });
    },
    refuse: ({ code, message, status }, requestId) => ({
      status,
      type: XML,
      body: errorDocument(code, message, requestId),
    }),
    words: {
      throttled: () => new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503),
      broken: () => new AwsError('InternalError', 'An internal error has occurred', 500),
      denied: (forbidden) =>
        new AwsError(
          'UnauthorizedOperation',
          `You are not authorized to perform this operation. ${notAuthorized(forbidden)}`,
          403,
        ),
      unsigned: () =>
        new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401),
    },
  };
}

function jsonCall(target: string, body: string): Incoming {
  const [prefix = '', action = ''] = target.split('.', 2);
  const service = prefix.startsWith('DirectoryService') ? 'ds' : 'workspaces';
  const actions = service === 'ds' ? DIRECTORY_ACTIONS : WORKSPACES_ACTIONS;
  const isOurs = prefix === 'WorkspacesService' || prefix === 'DirectoryService_20150416';
  const known = isOurs && Object.hasOwn(actions, action);
  const request = parsed(body);
  return {
    service,
    action,
    request: request ?? {},
    known,
    needs: [action],
    run(state, life) {
      if (request === undefined) throw new AwsError('SerializationException', 'The body is no JSON object.');
      const answer = known ? actions[action]?.(state, request, life) : undefined;
      if (answer === undefined) throw new AwsError('UnknownOperationException', `There is no ${target}.`);
      return () => ({ status: 200, type: JSON_1_1, body: JSON.stringify(answer) });
    },
    refuse: ({ code, message, status }) => ({
      status,
      type: JSON_1_1,
      body: JSON.stringify({ __type: code, message }),
    }),
    words: {
      throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
      broken: () =>
        new AwsError(service === 'ds' ? 'ServiceException' : 'InternalFailure', 'Internal failure', 500),
      denied: (forbidden) => new AwsError('AccessDeniedException', notAuthorized(forbidden)),
      unsigned: () =>
        new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.'),
    },
  };
}

function notAuthorized(action: string): string {
  const who = 'arn:aws:sts::123456789012:assumed-role/workspace-ssh/bot';
  return `User: ${who} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether the header has the form of Signature Version 4, with this world's Region, the service and, if the world names
 * an access key, that key. The signature itself is not verified: the pretend AWS has no secret keys.
 */
export function isSigned(header: string | undefined, state: State, service: Call['service']): boolean {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=[0-9a-f]{64}$/;
  const [, key, , region, scope, headers = ''] = form.exec(header ?? '') ?? [];
  return (
    key === (state.world.accessKeyId ?? key) &&
    region === state.world.region &&
    scope === service &&
    headers.split(';').includes('host')
  );
}
