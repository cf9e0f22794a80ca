/**
 * The MPI libraries that ranks may speak through: which file each is, how a process knows that its launcher started it, and how
 * its handles look. All that tells one library from another is in this table.
 * @module
 */

/** A handle, or a pointer that stands for something: a number, or an address. */
type Handle = number | bigint;

/** The part of koffi that a table row needs. */
export interface Symbols {
  symbol(name: string): bigint;
}

export interface Handles {
  readonly world: Handle;
  readonly byte: Handle;
  readonly float: Handle;
  readonly sum: Handle;
  readonly errorsReturn: Handle;
  /** Pointers in the place of arrays. */
  readonly inPlace: bigint;
  readonly statusesIgnore: bigint;
}

export interface MpiLibrary {
  readonly name: string;
  /** Names of its file, tried in turn. */
  readonly files: readonly string[];
  /** Variables of which its launcher sets one for every rank, to the rank's number. */
  readonly variables: readonly string[];
  /** What installs it. */
  readonly advice: string;
  /** The C type of its handles, and bytes of one. */
  readonly handle: 'int' | 'void *';
  readonly handleBytes: 4 | 8;
  handles(library: Symbols): Handles;
}

export const libraries: readonly MpiLibrary[] = [
  {
    name: 'Open MPI',
    files: ['libmpi.so.40', 'libmpi.40.dylib', 'libmpi.dylib'],
    variables: ['OMPI_COMM_WORLD_RANK', 'PMIX_RANK'],
    advice: 'apt-get install openmpi-bin',
    handle: 'void *',
    handleBytes: 8,
    handles: (library) => ({
      world: library.symbol('ompi_mpi_comm_world'),
      byte: library.symbol('ompi_mpi_byte'),
      float: library.symbol('ompi_mpi_float'),
      sum: library.symbol('ompi_mpi_op_sum'),
      errorsReturn: library.symbol('ompi_mpi_errors_return'),
      inPlace: 1n,
      statusesIgnore: 0n,
    }),
  },
  {
    name: 'MPICH',
    files: ['libmpich.so.12', 'libmpi.so.12', 'libmpi.12.dylib'],
    variables: ['PMI_RANK'],
    advice: 'apt-get install mpich',
    handle: 'int',
    handleBytes: 4,
    handles: () => ({
      world: 0x44000000,
      byte: 0x4c00010d,
      float: 0x4c00040a,
      sum: 0x58000003,
      errorsReturn: 0x54000001,
      inPlace: -1n,
      statusesIgnore: 1n,
    }),
  },
  // fixed handles, as MPI 5.0 has them, from whatever library there is
  {
    name: 'the standard ABI',
    files: ['libmpi_abi.so.0', 'libmpi_abi.0.dylib'],
    variables: ['OMPI_COMM_WORLD_RANK', 'PMIX_RANK', 'PMI_RANK'],
    advice: 'apt-get install openmpi-bin',
    handle: 'void *',
    handleBytes: 8,
    handles: () => ({
      world: 0x101n,
      byte: 0x247n,
      float: 0x210n,
      sum: 0x21n,
      errorsReturn: 0x143n,
      inPlace: 1n,
      statusesIgnore: 0n,
    }),
  },
];
