/**
 * Specs: a layer, loss, optimizer, schedule or metric with its options, as plain JSON under a `type`; and the definitions
 * behind them. A room exports a factory for each type, `layers.conv2d({ filters: 12, kernelSize: 3 })`, which carries the
 * definition: the list of these exports is the registry, and nothing else is.
 * @module
 */
import { isRecord } from './brands.ts';
import { describe } from './errors.ts';
import { checkOptions, nearest, type OptionChecks } from './options.ts';

/** What tells specs apart. */
export interface Typed {
  readonly type: string;
}

/** What is known of a type of specs, at least. */
export interface Definition<Spec> {
  readonly type: string;
  readonly options: OptionChecks<Omit<Spec, 'type'>>;
  /** What a spec says if nothing else is said. */
  readonly defaults?: Partial<Spec>;
  /** Throws if options do not fit together. */
  check?(where: string, spec: Spec): void;
}

/** Makes specs of one type; the options may be left out if none must be given. */
export type Factory<Spec, Options, Known> = (object extends Options
  ? (options?: Options) => Spec
  : (options: Options) => Spec) & { readonly definition: Known };

/** The factory of a definition. @param room Whose type it is, for messages: `layers`. */
export function factoryOf<Spec extends Typed, Options, Known extends Definition<Spec>>(
  room: string,
  definition: Known,
): Factory<Spec, Options, Known> {
  const where = `${room}.${definition.type}`;
  const make = (options?: unknown) => checkedSpec<Spec>(where, definition, options);
  return Object.assign(make, { definition }) as Factory<Spec, Options, Known>;
}

/** Factories by the type of their specs. */
export type Registry = Readonly<Record<string, { readonly definition: object }>>;

/**
 * Takes any value for a spec of one of the registered types: a copy of it, checked. The name alone stands for the defaults.
 * @throws {TypeError | RangeError} naming the type or the option.
 */
export function readSpec<Spec extends Typed>(
  where: string,
  what: string,
  registry: Registry,
  value: unknown,
): Spec {
  const { type, ...options } =
    typeof value === 'string' ? { type: value } : isRecord(value) ? value : { type: undefined };
  if (typeof type !== 'string' || !Object.hasOwn(registry, type)) {
    const types = Object.keys(registry);
    const otherwise = typeof value === 'function' ? 'Call it.' : 'Use one of these.';
    throw new TypeError(
      `${where}: expected ${what} of type ${types.join(', ')}, got ${describe(type ?? value)}. ${typeof type === 'string' ? nearest(type, types, otherwise) : otherwise}`,
    );
  }
  return checkedSpec(
    `${where} ${type}`,
    definitionIn<Spec, Definition<Spec>>(registry, { type }),
    options,
  );
}

/** The definition behind a checked spec. */
export function definitionIn<Spec, Known extends Definition<Spec>>(
  registry: Registry,
  { type }: Typed,
): Known {
  const found = Object.hasOwn(registry, type) ? registry[type] : undefined;
  if (found === undefined) throw new Error(`internal: no definition of ${type}`);
  return found.definition as unknown as Known; // registered under the very type that tells the specs apart
}

function checkedSpec<Spec extends Typed>(
  where: string,
  { type, options, defaults, check }: Definition<Spec>,
  given: unknown,
): Spec {
  const checked = checkOptions(where, given, options);
  const spec = { type, ...defaults, ...checked } as unknown as Spec; // what the checks say
  check?.(where, spec);
  return spec;
}
