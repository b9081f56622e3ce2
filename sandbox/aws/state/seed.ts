/**
 * Turns a described world into state, and refuses a world that AWS could not have, since its tests would prove
 * nothing.
 */

import { contains, parseAddress, parseBlock } from '../cidr.js';
import { DIRECTORY_ID, derivedId, newId, WORKSPACE_ID } from '../ids.js';
import type { AwsWorld } from '../world.js';
import type { Group, Interface, Rule, Workspace } from './resources.js';
import { openEgress, type State } from './state.js';

const FORMS = {
  workspace: WORKSPACE_ID,
  directory: DIRECTORY_ID,
  group: /^sg-([0-9a-f]{8}|[0-9a-f]{17})$/,
  interface: /^eni-([0-9a-f]{8}|[0-9a-f]{17})$/,
};

/** The instant of everything that is there at the beginning, so that reads show it from the first moment on. */
const LONG_AGO = 0;

/** @throws one error that names every problem of the world */
export function seed(state: State): void {
  const { world } = state;
  const groups = world.groups.map(
    (group): Group => ({
      id: group.id,
      name: group.name,
      vpcId: group.vpcId,
      description: group.description,
      tags: group.tags ?? {},
      createdAtMs: LONG_AGO,
    }),
  );
  const workspaces = world.workspaces.map((one) => workspaceOf(world, one));
  const interfaces = [...workspaceInterfaces(world), ...otherInterfaces(world)];

  const problems = [...badIds(world), ...badGroups(world), ...badInterfaces(world, interfaces)];
  if (problems.length > 0) throw new Error(`AWS could not have this world:\n- ${problems.join('\n- ')}`);

  for (const group of groups) state.groups.put(group.id, group, LONG_AGO);
  for (const one of interfaces) state.interfaces.put(one.id, one, LONG_AGO);
  for (const one of workspaces) state.workspaces.put(one.id, one, LONG_AGO);
  for (const rule of seedRules(state, groups)) state.rules.put(rule.ruleId, rule, LONG_AGO);
}

function seedRules(state: State, groups: Group[]): Rule[] {
  return groups.flatMap((group) => {
    const described = state.world.groups.find(({ id }) => id === group.id);
    const given = (described?.rules ?? []).map((rule) => ({
      ruleId: rule.id ?? newId('sgr'),
      groupId: group.id,
      cidr: parseBlock(rule.cidr)?.text ?? rule.cidr,
      protocol: rule.protocol,
      fromPort: rule.fromPort,
      toPort: rule.toPort,
      isEgress: rule.isEgress ?? false,
      description: rule.description ?? '',
      tags: rule.tags ?? {},
    }));
    const open = described?.openEgress === false ? [] : openEgress(state, group);
    const egress = open.map((rule) => ({ ...rule, ruleId: newId('sgr') }));
    return [...given, ...egress].map((rule) => ({ ...rule, createdAtMs: LONG_AGO }));
  });
}

function workspaceOf(world: AwsWorld, one: AwsWorld['workspaces'][number]): Workspace {
  const { groups: _groups, publicIp: _publicIp, ...rest } = one;
  const directory = world.directories.find(({ id }) => id === one.directoryId);
  const interfaceId =
    one.ip === undefined ? {} : { interfaceId: one.interfaceId ?? derivedId('eni', one.id) };
  return {
    ...rest,
    ...interfaceId,
    subnetId: one.subnetId ?? directory?.subnetIds[0] ?? '',
    tags: one.tags ?? {},
  };
}

function workspaceInterfaces(world: AwsWorld): Interface[] {
  return world.workspaces.flatMap((one) => {
    const { interfaceId, subnetId, ip } = workspaceOf(world, one);
    if (interfaceId === undefined || ip === undefined) return [];
    const addresses = {
      ...(one.ipv6 === undefined ? {} : { ipv6: one.ipv6 }),
      ...(one.publicIp === undefined ? {} : { publicIp: one.publicIp }),
    };
    const vpcId = vpcOf(world, subnetId);
    return [
      {
        id: interfaceId,
        vpcId,
        subnetId,
        ip,
        ...addresses,
        groups: one.groups,
        tags: {},
        workspaceId: one.id,
      },
    ];
  });
}

function otherInterfaces(world: AwsWorld): Interface[] {
  return (world.interfaces ?? []).map((one) => ({
    ...one,
    id: one.id ?? derivedId('eni', `${one.subnetId} ${one.ip}`),
    vpcId: vpcOf(world, one.subnetId),
    tags: one.tags ?? {},
  }));
}

function vpcOf(world: AwsWorld, subnetId: string): string {
  return world.subnets.find(({ id }) => id === subnetId)?.vpcId ?? '';
}

function badIds(world: AwsWorld): string[] {
  const wrong = (ids: string[], form: RegExp) =>
    ids.filter((id) => !form.test(id)).map((id) => `${id} has not the form ${form}`);
  const ids = [world.vpcs, world.subnets, world.directories, world.workspaces, world.groups]
    .flat()
    .map(({ id }) => id);
  return [
    ...(/^\d{12}$/.test(world.accountId) ? [] : [`account id ${world.accountId} is not twelve digits`]),
    ...wrong(
      world.workspaces.map(({ id }) => id),
      FORMS.workspace,
    ),
    ...wrong(
      world.directories.map(({ id }) => id),
      FORMS.directory,
    ),
    ...wrong(
      world.groups.map(({ id }) => id),
      FORMS.group,
    ),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id} is there twice`),
    ...world.subnets
      .filter(({ vpcId }) => !world.vpcs.some(({ id }) => id === vpcId))
      .map(({ id }) => `subnet ${id} is in no VPC`),
    ...world.workspaces
      .filter(({ directoryId }) => !world.directories.some(({ id }) => id === directoryId))
      .map(({ id, directoryId }) => `WorkSpace ${id} is in the unknown directory ${directoryId}`),
  ];
}

function badGroups(world: AwsWorld): string[] {
  const names = world.groups.map(({ vpcId, name }) => `${vpcId} ${name}`);
  return [
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `two groups are called ${name}`),
    ...world.groups
      .filter(({ vpcId }) => !world.vpcs.some(({ id }) => id === vpcId))
      .map(({ id }) => `group ${id} is in no VPC`),
    ...world.groups.flatMap(({ id, rules = [] }) =>
      rules
        .filter(({ cidr }) => parseBlock(cidr) === undefined)
        .map(({ cidr }) => `group ${id} has a rule from ${cidr}, which is no CIDR`),
    ),
  ];
}

function badInterfaces(world: AwsWorld, interfaces: Interface[]): string[] {
  const places = interfaces.map(({ subnetId, ip }) => `${subnetId} ${ip}`);
  const ids = interfaces.map(({ id }) => id);
  return [
    ...places
      .filter((place, index) => places.indexOf(place) !== index)
      .map((place) => `two interfaces have ${place}`),
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `two interfaces are ${id}`),
    ...interfaces.flatMap((one) => {
      const owner = one.workspaceId ?? one.id;
      const subnet = world.subnets.find(({ id }) => id === one.subnetId);
      const block = parseBlock(subnet?.cidr ?? '');
      const address = parseAddress(one.ip);
      return [
        ...(FORMS.interface.test(one.id) ? [] : [`${one.id} has not the form ${FORMS.interface}`]),
        ...(subnet === undefined ? [`${owner} is in the unknown subnet ${one.subnetId}`] : []),
        ...(block && (address === undefined || !contains(block, address))
          ? [`${owner} has ${one.ip}, outside ${block.text}`]
          : []),
        ...one.groups
          .filter((groupId) => !world.groups.some(({ id, vpcId }) => id === groupId && vpcId === one.vpcId))
          .map((groupId) => `${owner} carries ${groupId}, which is not in its VPC`),
      ];
    }),
  ];
}
