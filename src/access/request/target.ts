/** A target's id, its form in the signed tag of a lease, and whether it is more than one WorkSpace. */
import { targetById } from '../reading/ids.js';
import type { Facts } from './facts.js';
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

/** True where many WorkSpaces were asked for, and not one. */
export function isMany(target: Target): boolean {
  switch (target.kind) {
    case 'directory':
      return true;
    case 'own':
    case 'workspace':
      return false;
  }
}

/** The id as it was asked for; undefined for one's own WorkSpace. */
export function idOf(target: Target): string | undefined {
  switch (target.kind) {
    case 'workspace':
      return target.workspaceId;
    case 'directory':
      return target.directoryId;
    case 'own':
      return undefined;
  }
}

/** The id that the signed tag of a lease carries for a target. One's own WorkSpace stands there by its id. */
export function tagOf(target: Target, { desktops, directoryId }: Facts): string {
  switch (target.kind) {
    case 'directory':
      return target.directoryId;
    case 'own':
    case 'workspace':
      return desktops[0]?.workspaceId ?? directoryId;
  }
}

/** The target that {@link tagOf} wrote, as far as its id says it. */
export function targetOfTag(id: string): Target {
  return targetById(id);
}
