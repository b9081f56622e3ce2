/** What a target names. A new kind of target is decided here once for all who ask only for an id or for how many. */
import type { Target } from './request.js';

/** The id of the one WorkSpace that was asked for; undefined for one's own, which has to be looked up, and for many. */
export function workspaceOf(target: Target): string | undefined {
  switch (target.kind) {
    case 'workspace':
      return target.workspaceId;
    case 'own':
    case 'directory':
      return undefined;
  }
}

/** The id of the directory whose WorkSpaces were all asked for. */
export function directoryOf(target: Target): string | undefined {
  switch (target.kind) {
    case 'directory':
      return target.directoryId;
    case 'own':
    case 'workspace':
      return undefined;
  }
}

/** True where all WorkSpaces of a directory were asked for, and not one. */
export function isMany(target: Target): boolean {
  return directoryOf(target) !== undefined;
}

/** The id as it was asked for; undefined for one's own WorkSpace. */
export function idOf(target: Target): string | undefined {
  return workspaceOf(target) ?? directoryOf(target);
}
