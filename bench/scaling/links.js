/** The links of the scaling study: shared memory, and TCP between two network namespaces, made slower. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const env = {
  ...process.env,
  NO_COLOR: '1',
  OMPI_ALLOW_RUN_AS_ROOT: '1',
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
};

/** Milliseconds after which a job counts as stuck. */
const LONGEST = 600_000;

const COMMON = ['--oversubscribe', '--bind-to', 'none'];
const SUBNET = '10.77.0';

/** Each calls `use` with a function that starts ranks over the link, and tells what rank 0 prints. */
export const LINKS = [
  { name: 'shared memory', open: (use) => use(overMemory) },
  {
    name: 'TCP, 1 Gbit/s',
    open: overTcp('tbf', 'rate', '1gbit', 'burst', '128kb', 'latency', '50ms'),
  },
  { name: 'TCP, 1 Gbit/s and 100 µs', open: overTcp('netem', 'delay', '100us', 'rate', '1gbit') },
];

/** Starts ranks on this machine. */
export function overMemory(ranks, args) {
  return JSON.parse(run('mpirun', ...COMMON, '-n', `${ranks}`, process.execPath, ...args));
}

/** Two namespaces, a rank in each; what they send is shaped by `tc qdisc add dev DEVICE root …`. */
function overTcp(...shape) {
  return (use) => {
    const own = `cv${process.pid % 9999}${shape[0]}`;
    const ends = [0, 1].map((n) => ({ space: `convlet-${own}-${n}`, device: `${own}${n}` }));
    const folder = mkdtempSync(join(tmpdir(), 'convlet-scaling-'));
    try {
      connect(ends, shape);
      return use(startBetween(ends, folder));
    } finally {
      for (const { space } of ends) {
        try {
          run('ip', 'netns', 'del', space);
        } catch {} // it was not made
      }
      rmSync(folder, { recursive: true });
    }
  };
}

/** Makes the namespaces and the pair of devices between them. */
function connect([first, second], shape) {
  for (const { space } of [first, second]) run('ip', 'netns', 'add', space);
  const inSecond = ['peer', 'name', second.device, 'netns', second.space];
  run('ip', 'link', 'add', first.device, 'netns', first.space, 'type', 'veth', ...inSecond);
  for (const [n, { space, device }] of [first, second].entries()) {
    run('ip', '-n', space, 'addr', 'add', `${SUBNET}.${n + 1}/24`, 'dev', device);
    run('ip', '-n', space, 'link', 'set', 'lo', 'up');
    run('ip', '-n', space, 'link', 'set', device, 'up');
    run('tc', '-n', space, 'qdisc', 'add', 'dev', device, 'root', ...shape);
  }
}

function startBetween([first, second], folder) {
  // mpirun starts the daemon of the second host by this, as it would by ssh
  const agent = join(folder, 'agent.sh');
  const text = `#!/bin/sh\nshift\nexec ip netns exec ${second.space} sh -c "$*"\n`;
  writeFileSync(agent, text, { mode: 0o755 });
  const subnet = `${SUBNET}.0/24`;
  const options = {
    plm_rsh_agent: agent,
    btl: 'self,tcp',
    oob_tcp_if_include: subnet,
    btl_tcp_if_include: subnet,
  };
  const given = Object.entries(options).flatMap(([name, value]) => ['--mca', name, value]);
  given.push('--host', `${SUBNET}.1:1,${SUBNET}.2:1`);
  return (ranks, args) => {
    const command = ['mpirun', ...COMMON, ...given, '-n', `${ranks}`, process.execPath, ...args];
    return JSON.parse(run('ip', 'netns', 'exec', first.space, ...command));
  };
}

function run(program, ...args) {
  const stdio = ['ignore', 'pipe', 'pipe'];
  return execFileSync(program, args, { env, encoding: 'utf8', stdio, timeout: LONGEST });
}
