/** Errors with which AWS refuses a call; each protocol writes them in its own form. */

export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
  }
}

export function invalidValue(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}
