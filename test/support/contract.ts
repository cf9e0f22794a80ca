/** What docs/abi.md promises of every kernel, as data: its arguments, and what it may touch behind each. */
import { readFileSync } from 'node:fs';

/** A region of memory that a kernel is given. */
export interface RegionArgument {
  readonly kind: 'region';
  readonly name: string;
  readonly access: 'read' | 'overwritten' | 'added to' | 'updated in place';
  /** `f32[batch, outC]`, or `bytes: gemmScratchBytes(m, n, k)`. */
  readonly extent: string;
  /** Whether address 0 stands for none. */
  readonly isOptional: boolean;
}

/** A number. */
export interface NumberArgument {
  readonly kind: 'size' | 'scalar';
  readonly name: string;
}

export interface Contract {
  readonly name: string;
  readonly arguments: readonly (RegionArgument | NumberArgument)[];
}

/** The contracts, in the order of the page. */
export function readContracts(): readonly Contract[] {
  const page = readFileSync(new URL('../../docs/abi.md', import.meta.url), 'utf8');
  const [, kernels = ''] = /^## Kernels$([\s\S]*?)^## Recipe$/m.exec(page) ?? [];
  return kernels
    .split(/^#### /m)
    .slice(1)
    .map(contractOf);
}

function contractOf(section: string): Contract {
  const [, name = ''] = /^`(\w+)`/.exec(section) ?? [];
  const rows = [...section.matchAll(/^\| \d+(?:–\d+)? \| (.*?) \| (\w+) \| (.*?) \|$/gm)];
  const list = rows.flatMap(([, names = '', type, text = '']) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => argumentOf(name, type ?? '', text)),
  );
  return { name, arguments: list };
}

function argumentOf(name: string, type: string, text: string): RegionArgument | NumberArgument {
  if (text === 'size' || text === 'sizes') return { kind: 'size', name };
  const [, address] = /^address of (u32\[\d+\])/.exec(text) ?? [];
  if (address !== undefined) {
    return { kind: 'region', name, extent: address, access: 'read', isOptional: false };
  }
  const [, extent, access = '', none] =
    /^(bytes: .*?|[fiu]\d+\[[^\]]*\]), (?:as forward left it, )?\**(read|overwritten|added to|updated in place)\**(?:, meaningless afterwards)?(; 0: .*)?$/.exec(
      text,
    ) ?? [];
  if (extent === undefined || type !== 'i32') return { kind: 'scalar', name };
  const isOptional = none !== undefined;
  return { kind: 'region', name, extent, access: access as RegionArgument['access'], isOptional };
}
