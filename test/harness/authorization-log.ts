/**
 * Which rights kube-apiserver asks for on behalf of whom: an authorizer before RBAC that writes down what it is asked and
 * has no opinion. It sees what no request shows by itself, such as the right to create that an apply takes, or the one
 * to block the deletion of an owner.
 */

import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { ControlPlaneOptions } from './control-plane.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { temporaryDirectory } from './reaper.ts';

/** One right to do something with objects of a kind. */
export interface AskedRight {
  readonly user: string;
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** As RBAC spells it, with `/status` and the like. */
  readonly resource: string;
  /** Empty for all of them, and for what belongs to none. */
  readonly namespace: string;
  /** Empty where no single object is meant. */
  readonly name: string;
}

export interface AuthorizationLog {
  /** For {@link startControlPlane}. */
  readonly controlPlaneOptions: Pick<ControlPlaneOptions, 'authorizationMode' | 'apiServerArgs'>;
  /** Each at least once, in order; the API server remembers answers for some seconds and asks again later. */
  asked(): readonly AskedRight[];
  stop(): Promise<void>;
}

const REVIEW = 'authorization.k8s.io/v1';

export async function startAuthorizationLog(): Promise<AuthorizationLog> {
  const asked: AskedRight[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      const right = rightIn(JSON.parse(text));
      if (right !== undefined) asked.push(right);
      const noOpinion = { apiVersion: REVIEW, kind: 'SubjectAccessReview', status: { allowed: false } };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(noOpinion));
    });
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject).listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the authorizer has no port');
  const directory = temporaryDirectory('authorization-log');
  const configPath = join(directory.path, 'webhook.kubeconfig');
  writeKubeconfig(configPath, { server: `http://127.0.0.1:${address.port}`, token: 'unused' });
  return {
    controlPlaneOptions: {
      authorizationMode: 'Webhook,RBAC',
      apiServerArgs: [
        `--authorization-webhook-config-file=${configPath}`,
        '--authorization-webhook-version=v1',
        // Some clusters ask for this right, and most do not.
        '--enable-admission-plugins=OwnerReferencesPermissionEnforcement',
      ],
    },
    asked: () => asked,
    async stop() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
      directory.remove();
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Undefined for what is no resource, such as `/version`. */
function rightIn(review: unknown): AskedRight | undefined {
  const attributes = member(member(review, 'spec'), 'resourceAttributes');
  if (attributes === undefined) return undefined;
  const text = (name: string) => String(member(attributes, name) ?? '');
  const subresource = text('subresource');
  return {
    user: String(member(member(review, 'spec'), 'user') ?? ''),
    verb: text('verb'),
    group: text('group'),
    resource: `${text('resource')}${subresource === '' ? '' : `/${subresource}`}`,
    namespace: text('namespace'),
    name: text('name'),
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
