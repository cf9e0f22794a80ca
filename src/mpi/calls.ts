/** The functions of an MPI library, by koffi. A function that fails gives a code, which becomes an error here. @module */
import type Koffi from 'koffi';
import { importOptional } from '../base/optional.ts';
import type { Handles, MpiLibrary } from './libraries.ts';

/** What ranks need of MPI. */
export interface MpiCalls {
  /** Bytes of a request. */
  readonly handleBytes: number;
  rank(): number;
  size(): number;
  /** These begin, and write their request at a place of `requests`. */
  allgather(bytes: Uint8Array, counts: Int32Array, starts: Int32Array, request: Uint8Array): void;
  alltoall(
    sent: Uint8Array,
    sentCounts: Int32Array,
    sentStarts: Int32Array,
    received: Uint8Array,
    counts: Int32Array,
    starts: Int32Array,
    request: Uint8Array,
  ): void;
  allreduce(numbers: Float32Array, request: Uint8Array): void;
  /** Whether the first `count` requests are through; `flag` is written. */
  areThrough(count: number, requests: Uint8Array, flag: Int32Array): boolean;
  finalize(): void;
  abort(code: number): void;
}

/** For calls of one thread only. */
const THREAD_FUNNELED = 1;

type Func = (...args: unknown[]) => number;

/** Loads the first of the libraries that is there, and begins. @throws {Error} in one line, what to install. */
export async function beginMpi(candidates: readonly MpiLibrary[]): Promise<MpiCalls> {
  const purpose = '--distributed mpi';
  const load = async () => (await import('koffi')).default;
  const koffi = await importOptional('koffi@3.3.4', purpose, load);
  const { library, loaded } = loadFirst(koffi, candidates);
  const handles = library.handles(loaded);
  const { handle, handleBytes } = library;
  const declare = (name: string, args: string): Func => {
    const run = loaded.func(`int ${name}(${args.replaceAll('HANDLE', handle)})`) as Func;
    return (...given) => {
      const code = run(...given);
      if (code !== 0) throw new MpiError(name, code);
      return code;
    };
  };
  const provided = [0];
  declare('MPI_Init_thread', 'void *, void *, int, _Out_ int *')(
    null,
    null,
    THREAD_FUNNELED,
    provided,
  );
  declare('MPI_Comm_set_errhandler', 'HANDLE, HANDLE')(handles.world, handles.errorsReturn);
  return { handleBytes, ...callsOf(declare, handles) };
}

/** A call that MPI refused or could not do. */
export class MpiError extends Error {
  constructor(name: string, code: number) {
    super(`${name} failed with code ${code}`);
  }
}

function callsOf(
  declare: (name: string, args: string) => Func,
  { world, byte, float, sum, inPlace, statusesIgnore }: Handles,
): Omit<MpiCalls, 'handleBytes'> {
  const number = (name: string) => {
    const get = declare(name, 'HANDLE, _Out_ int *');
    return () => {
      const result = [0];
      get(world, result);
      return result[0] ?? 0;
    };
  };
  const allgather = declare(
    'MPI_Iallgatherv',
    'void *, int, HANDLE, void *, void *, void *, HANDLE, HANDLE, void *',
  );
  const alltoall = declare(
    'MPI_Ialltoallv',
    'void *, void *, void *, HANDLE, void *, void *, void *, HANDLE, HANDLE, void *',
  );
  const allreduce = declare(
    'MPI_Iallreduce',
    'void *, void *, int, HANDLE, HANDLE, HANDLE, void *',
  );
  const test = declare('MPI_Testall', 'int, void *, void *, void *');
  const finalize = declare('MPI_Finalize', '');
  const abort = declare('MPI_Abort', 'HANDLE, int');
  return {
    rank: number('MPI_Comm_rank'),
    size: number('MPI_Comm_size'),
    allgather: (bytes, counts, starts, request) =>
      void allgather(inPlace, 0, byte, bytes, counts, starts, byte, world, request),
    alltoall: (sent, sentCounts, sentStarts, received, counts, starts, request) =>
      void alltoall(
        sent,
        sentCounts,
        sentStarts,
        byte,
        received,
        counts,
        starts,
        byte,
        world,
        request,
      ),
    allreduce: (numbers, request) =>
      void allreduce(inPlace, numbers, numbers.length, float, sum, world, request),
    areThrough(count, requests, flag) {
      test(count, requests, flag, statusesIgnore);
      return flag[0] !== 0;
    },
    finalize: () => void finalize(),
    abort: (code) => void abort(world, code),
  };
}

/** Symbols of a library must be visible to the parts that it loads itself, hence `global`. */
function loadFirst(
  koffi: typeof Koffi,
  candidates: readonly MpiLibrary[],
): { readonly library: MpiLibrary; readonly loaded: ReturnType<typeof Koffi.load> } {
  const reasons: string[] = [];
  for (const library of candidates) {
    for (const file of library.files) {
      try {
        return { library, loaded: koffi.load(file, { global: true }) };
      } catch (error) {
        reasons.push((error as Error).message);
      }
    }
  }
  const [wanted] = candidates;
  throw new Error(
    `--distributed mpi: expected the library of ${wanted?.name}, ${wanted?.files[0]}, got none. Run: ${wanted?.advice}`,
    { cause: reasons },
  );
}
