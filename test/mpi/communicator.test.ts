/** What MPI cannot do is told in one line. Functions stand for the library here; mpi.test.ts has that of Open MPI. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Communicator, LostRankError } from '../../src/base/communicator.ts';
import { beginMpi, type MpiCalls, MpiError } from '../../src/mpi/calls.ts';
import { MpiCommunicator } from '../../src/mpi/communicator.ts';
import { libraries } from '../../src/mpi/libraries.ts';

vi.mock('koffi', () => ({ default: { load: () => ({ func: () => () => 5 }) } }));

/** The first of two ranks. */
const calls: MpiCalls = {
  handleBytes: 8,
  rank: () => 0,
  size: () => 2,
  allgather: () => {},
  alltoall: () => {},
  allreduce: () => {},
  areThrough: () => true,
  finalize: () => {},
  abort: () => {},
};

it('a function of MPI that gives a code fails with it', async () => {
  const played = libraries.map((library) => ({ ...library, handles: () => ({}) as never }));
  await expect(beginMpi(played)).rejects.toThrow('MPI_Init_thread failed with code 5');
});

describe('MpiCommunicator', () => {
  const fail = () => {
    throw new MpiError('MPI_Testall', 75);
  };
  const begin = (communicator: Communicator) => communicator.sum(new Float32Array(1));
  const message =
    'ranks: expected every rank to answer, one did not (MPI_Testall failed with code 75). Find out why it ended, then go on from the last checkpoint, on any number of ranks.';

  it('tells that a rank is lost if an exchange cannot begin', () => {
    const communicator = new MpiCommunicator({ ...calls, allreduce: fail });
    expect(() => begin(communicator)).toThrow(new LostRankError('MPI_Testall failed with code 75'));
    expect(() => begin(communicator)).toThrow(message);
  });

  it('tells that a rank is lost if an exchange cannot end', () => {
    const communicator = new MpiCommunicator({ ...calls, areThrough: fail });
    begin(communicator);
    expect(() => communicator.isDone(0)).toThrow(message);
  });

  it('passes on an error of another kind', () => {
    const bug = new TypeError('a bug');
    const allreduce = () => {
      throw bug;
    };
    expect(() => begin(new MpiCommunicator({ ...calls, allreduce }))).toThrow(bug);
  });

  it('refuses an exchange of 2 GiB, which MPI cannot count', () => {
    const allgather = vi.fn();
    const communicator = new MpiCommunicator({ ...calls, allgather });
    communicator.gather(new Uint8Array(), [0, 1, 2 ** 31 - 1]);
    expect(() => communicator.gather(new Uint8Array(), [0, 1, 2 ** 31])).toThrow(
      '--distributed mpi: expected at most 2 GiB in an exchange, got 2147483648 bytes. Use more ranks, or a smaller network.',
    );
    expect(allgather).toHaveBeenCalledTimes(1);
  });
});

describe('joinMpi', () => {
  afterEach(() => {
    vi.doUnmock('../../src/mpi/calls.ts');
    vi.unstubAllEnvs();
    vi.resetModules();
  });

  it.each([
    ['takes', 'the same version', (bytes: Uint8Array) => bytes.copyWithin(64, 0, 64)],
    ['refuses', 'another version', (bytes: Uint8Array) => bytes.set([0x37], 64)],
  ])('%s %s on the other rank', async (verb, _, allgather) => {
    const [variable = ''] = libraries[0]?.variables ?? [];
    vi.stubEnv(variable, '0');
    vi.resetModules();
    vi.doMock('../../src/mpi/calls.ts', () => ({
      beginMpi: async (): Promise<MpiCalls> => ({ ...calls, allgather }),
    }));
    const { joinMpi } = await import('../../src/mpi/join.ts');
    if (verb === 'takes') expect((await joinMpi()).size).toBe(2);
    else {
      await expect(joinMpi()).rejects.toThrow(
        /^--distributed mpi: expected the same version of convlet on every rank, got [\d.]+ on rank 0 and 7 on rank 1\. Install the same everywhere\.$/,
      );
    }
  });
});
