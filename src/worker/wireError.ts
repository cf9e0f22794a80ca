/**
 * Errors as plain data. Structured cloning keeps the class of the language's own errors only: a `ShapeError` would arrive
 * as an `Error`.
 * @module
 */
import { DivergenceError, FormatError, ShapeError } from '../base/errors.ts';

export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** The byte offset of a `FormatError`. */
  readonly byteOffset: number;
  readonly cause: WireError | undefined;
}

const classes: Readonly<Record<string, new (message: string, options: ErrorOptions) => Error>> = {
  TypeError,
  RangeError,
  ShapeError,
  DivergenceError,
};

export function toWire(error: unknown): WireError {
  if (!(error instanceof Error)) return toWire(new Error(String(error)));
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    byteOffset: error instanceof FormatError ? error.byteOffset : 0,
    cause: error.cause === undefined ? undefined : toWire(error.cause),
  };
}

/** An error of the same class and message; its stack is the worker's. */
export function fromWire({ name, message, stack, byteOffset, cause }: WireError): Error {
  const options = cause === undefined ? {} : { cause: fromWire(cause) };
  const Class = classes[name] ?? Error;
  const error =
    name === 'FormatError' ? new FormatError(message, byteOffset) : new Class(message, options);
  if (stack !== undefined) error.stack = stack;
  return error;
}
