/** A target that is no Secret: found, written and deleted as an object of its kind, and told of in the terms of a Secret. */

import type { ExternalSecret } from '../api/external-secret.ts';
import { type ManifestJob, manifestJobs } from '../domain/manifest-jobs.ts';
import { type GenericTarget, servedKindProblem } from '../domain/manifest-kind.ts';
import { asTarget, keysSeen, ownRoots, pathKey, toldPaths } from '../domain/manifest-projection.ts';
import { type RenderedManifest, renderedManifest } from '../domain/manifest-rendering.ts';
import {
  inspectManifest,
  type ManifestShape,
  manifestPatch,
  manifestShape,
  markingManifestPatch,
  newManifest,
  wantedPaths,
} from '../domain/manifest-target.ts';
import {
  isIntact,
  markOf,
  ownershipConflict,
  quotedTarget,
  type TargetShape,
  targetKeyOf,
  targetNameOf,
} from '../domain/target.ts';
import { fieldManagerOf } from '../domain/upstream-hash.ts';
import type { Clock } from '../ports/clock.ts';
import type { ObjectKey, ObjectName, SecretMetadata, View } from '../ports/cluster.ts';
import { ClusterConflict, ClusterNotFound } from '../ports/errors.ts';
import type {
  FieldPath,
  GenericMetadata,
  GenericObject,
  GenericObjects,
  GenericPatch,
  ServedKind,
  WatchedKinds,
} from '../ports/generic-objects.ts';
import type { SecretData } from '../ports/secret-value.ts';
import { OwnWrites } from './own-writes.ts';
import { type RenderOptions, type RenderRules, renderTarget } from './render-target.ts';
import type { Target, Written } from './target.ts';

export interface ManifestTargetOptions extends RenderOptions {
  readonly objects: GenericObjects;
  readonly kinds: WatchedKinds;
  readonly clock: Clock;
}

/** The watch tells of what carries the managed label. For all else, such as an object that is missing, this is often enough. */
const LOOK_AGAIN_MS = 60_000;

interface Content {
  readonly rendered: RenderedManifest;
  /** The fields that are ours. */
  readonly paths: readonly FieldPath[];
}

function rulesOf(
  externalSecret: ExternalSecret,
  { manifest, template }: GenericTarget,
  fetched: SecretData,
): RenderRules<ManifestJob, Content> {
  return {
    template,
    jobs: (sources) => (template === undefined ? [] : manifestJobs(template, sources)),
    contentOf(jobs, results) {
      const target = template === undefined ? { manifest } : { manifest, template };
      const rendered = renderedManifest(target, fetched, jobs, results);
      return { rendered, paths: wantedPaths(externalSecret, manifest.kind, rendered) };
    },
  };
}

/** One target, for one look at its ExternalSecret. */
class ManifestTarget implements Target {
  readonly #externalSecret: ExternalSecret;
  readonly #generic: GenericTarget;
  readonly #kind: ServedKind;
  readonly #options: ManifestTargetOptions;
  readonly #watched: OwnWrites<GenericMetadata> | undefined;
  /** What the watch does not tell of: as the API server gave it. */
  #looked: GenericMetadata | undefined;

  constructor(
    externalSecret: ExternalSecret,
    generic: GenericTarget,
    kind: ServedKind,
    watched: OwnWrites<GenericMetadata> | undefined,
    options: ManifestTargetOptions,
  ) {
    this.#externalSecret = externalSecret;
    this.#generic = generic;
    this.#kind = kind;
    this.#watched = watched;
    this.#options = options;
  }

  get #key(): ObjectKey {
    return targetKeyOf(this.#externalSecret);
  }

  get #name(): ObjectName {
    return { namespace: this.#externalSecret.metadata.namespace, name: targetNameOf(this.#externalSecret) };
  }

  get #fieldManager(): string {
    return fieldManagerOf(this.#externalSecret.metadata.name);
  }

  /** @throws ClusterForbidden, ClusterRejected, ClusterUnavailable */
  async look(signal: AbortSignal): Promise<void> {
    if (this.#watched?.get(this.#key) !== undefined) return;
    this.#looked = await this.#options.objects.look(this.#kind, this.#name, signal);
  }

  get lookAgainMs(): number | undefined {
    return this.#watched?.get(this.#key) === undefined ? LOOK_AGAIN_MS : undefined;
  }

  current(): SecretMetadata | undefined {
    const seen = this.#seen();
    return seen && this.#asTarget(seen);
  }

  #seen(): GenericMetadata | undefined {
    return this.#watched?.get(this.#key) ?? this.#looked;
  }

  #asTarget(metadata: GenericMetadata): SecretMetadata {
    return asTarget(metadata, this.#fieldManager, ownRoots(this.#generic));
  }

  async render(fetched: SecretData, signal: AbortSignal): ReturnType<Target['render']> {
    const rules = rulesOf(this.#externalSecret, this.#generic, fetched);
    const outcome = await renderTarget(this.#externalSecret, rules, fetched, this.#options, signal);
    if (outcome.kind === 'failed') return outcome;
    const { content, versions } = outcome;
    return {
      kind: 'rendered',
      keys: content.paths.map(pathKey),
      told: toldPaths(content.paths, content.rendered),
      templates: versions,
      // It is compared only where our field manager has written, which is never that of another operator.
      dataHash: () => undefined,
      write: ({ sourceHash }, writeSignal) => this.#write(content, sourceHash, writeSignal),
    };
  }

  async #write({ rendered, paths }: Content, sourceHash: string, signal: AbortSignal): Promise<Written> {
    const { kind } = this.#kind;
    const shape = manifestShape(this.#externalSecret, kind, rendered.metadata, paths, sourceHash);
    const before = this.#seen();
    if (before !== undefined && isIntact(this.#asTarget(before), shape))
      return this.#written('unchanged', before, shape);
    try {
      return before === undefined
        ? await this.#create(shape, rendered, signal)
        : await this.#change(before, shape, rendered, signal);
    } catch (error) {
      // What we remember of it may be what was wrong: the view is believed again.
      this.#watched?.forget(this.#key);
      throw error;
    }
  }

  #written(what: Written['what'], metadata: GenericMetadata, shape: TargetShape): Written {
    const target = this.#asTarget(metadata);
    if (what !== 'unchanged') this.#watched?.remember(this.#key, metadata);
    this.#looked = metadata;
    return { what, target, keys: keysSeen(target, shape) };
  }

  async #create(shape: ManifestShape, rendered: RenderedManifest, signal: AbortSignal): Promise<Written> {
    const { objects } = this.#options;
    const made = await objects.create(this.#kind, newManifest(shape, rendered), shape.fieldManager, signal);
    return this.#written('created', made, shape);
  }

  /** The content is read, because a path may lead into a list, and a list is written whole. It is the same object still. */
  async #change(
    before: GenericMetadata,
    shape: ManifestShape,
    rendered: RenderedManifest,
    signal: AbortSignal,
  ): Promise<Written> {
    const { objects } = this.#options;
    const existing = this.#asDecidedOn(before, await objects.read(this.#kind, before, signal));
    const patch = manifestPatch(shape, rendered, existing);
    if (patch === undefined) return this.#written('unchanged', existing.metadata, shape);
    const patched = await objects.patch(this.#kind, existing.metadata, patch, shape.fieldManager, signal);
    const isSame = patched.resourceVersion === existing.metadata.resourceVersion;
    return this.#written(isSame ? 'unchanged' : this.#kindOf(patch, existing), patched, shape);
  }

  #kindOf({ content }: GenericPatch, { metadata }: GenericObject): 'updated' | 'adopted' {
    const isNew = markOf(this.#externalSecret, this.#asTarget(metadata)) === undefined;
    return isNew && content.reveal().size === 0 ? 'adopted' : 'updated';
  }

  /** Its status may have moved on since, as that of custom resources does; whose it is must not have. */
  #asDecidedOn(before: GenericMetadata, existing: GenericObject | undefined): GenericObject {
    const isSame = existing?.metadata.uid === before.uid;
    if (isSame && ownershipConflict(this.#externalSecret, existing.metadata) === undefined) return existing;
    throw new ClusterConflict(`${quotedTarget(this.#externalSecret)} has changed meanwhile.`);
  }

  async mark(shape: TargetShape, signal: AbortSignal): Promise<Written> {
    const before = this.#seen();
    if (before === undefined) throw new ClusterNotFound(`There is no ${quotedTarget(this.#externalSecret)} any more.`);
    const patch = markingManifestPatch(shape);
    const marked = await this.#options.objects.patch(this.#kind, before, patch, shape.fieldManager, signal);
    return this.#written(marked.resourceVersion === before.resourceVersion ? 'unchanged' : 'adopted', marked, shape);
  }

  async inspect(target: SecretMetadata, signal: AbortSignal): Promise<'asHashed' | 'edited' | undefined> {
    const object = await this.#options.objects.read(this.#kind, target, signal);
    return object?.metadata.resourceVersion === target.resourceVersion ? inspectManifest(object) : undefined;
  }

  async delete(target: SecretMetadata, signal: AbortSignal): Promise<void> {
    this.#watched?.forget(this.#key);
    this.#looked = undefined;
    await this.#options.objects.delete(this.#kind, target, signal);
  }

  /** They stay until their owner goes (as upstream): their kind may be another one, too. */
  orphans(): readonly SecretMetadata[] {
    return [];
  }
}

export class ManifestTargets {
  readonly #options: ManifestTargetOptions;
  /** Views come and go with those who use them. */
  readonly #ownWrites = new WeakMap<View<GenericMetadata>, OwnWrites<GenericMetadata>>();

  constructor(options: ManifestTargetOptions) {
    this.#options = options;
  }

  /** As `Targets.open`. */
  async open(
    user: ObjectKey,
    externalSecret: ExternalSecret,
    generic: GenericTarget,
    signal: AbortSignal,
  ): Promise<Target> {
    const { objects, kinds } = this.#options;
    const { apiVersion, kind } = generic.manifest;
    const served = await objects.servedKind(apiVersion, kind, signal);
    const problem = servedKindProblem(served);
    if (problem !== undefined) throw problem;
    const watched = this.#ownWritesIn(kinds.use(user, served));
    const target = new ManifestTarget(externalSecret, generic, served, watched, this.#options);
    await target.look(signal);
    return target;
  }

  release(user: ObjectKey): void {
    this.#options.kinds.release(user);
  }

  #ownWritesIn(view: View<GenericMetadata> | undefined): OwnWrites<GenericMetadata> | undefined {
    if (view === undefined) return undefined;
    const known = this.#ownWrites.get(view) ?? new OwnWrites(view, this.#options.clock);
    this.#ownWrites.set(view, known);
    return known;
  }
}
