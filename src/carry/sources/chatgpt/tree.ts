import { fromSeconds } from '../messages.ts';
import { toItem } from './content.ts';

/** A message that is taken along, and where it stands. */
export interface Placed {
  readonly item: object;
  readonly createdAt: string | undefined;
  /** Its place among all messages: what follows another one has a greater one. */
  readonly position: number;
  /** Of the message before it; -1: there is none. */
  readonly after: number;
  /** The first position of the branch that it is in; null: the history. */
  branch: number | null;
  /** Whether another message follows the same one. */
  hasSiblings: boolean;
  /** Whether its branch goes on with it where the one before it has several. */
  isCurrent: boolean;
  /** Of the branch of the message before it. */
  parentBranch: number | null;
}

// biome-ignore lint/suspicious/noExplicitAny: what other programs write may be anything: every member is looked at.
type Anything = any;

interface Node {
  readonly id: string;
  readonly placed: Placed;
  readonly children: Node[];
}

/** The messages of a conversation in the order of their positions, and how many are left out, by what they are. */
export function placeMessages(conversation: Anything): {
  readonly messages: readonly Placed[];
  readonly leftOut: ReadonlyMap<string, number>;
} {
  const mapping = new Map<string, Anything>(Object.entries(conversation.mapping));
  const leftOut = new Map<string, number>();
  const path = pathTo(mapping, conversation.current_node);
  const children = findChildren(mapping);
  const all: Node[] = [];
  const roots: Node[] = [];
  const seen = new Set<string>();
  // What has no parent, or one that is not there, begins a branch; a circle is entered where it comes first.
  const starts = [...mapping.keys()].filter((id) => !mapping.has(mapping.get(id)?.parent));
  for (const start of [...starts, ...mapping.keys()]) {
    const open: { id: string; parent: Node | undefined }[] = [{ id: start, parent: undefined }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { id, parent } = next;
      if (seen.has(id)) continue;
      seen.add(id);
      const { message } = Object(mapping.get(id));
      const said = toItem(message);
      let node = parent;
      if ('item' in said) {
        node = toNode(id, said.item, fromSeconds(message.create_time), all.length, parent);
        all.push(node);
        (parent?.children ?? roots).push(node);
      } else if (said.leftOut !== null) leftOut.set(said.leftOut, (leftOut.get(said.leftOut) ?? 0) + 1);
      for (const child of [...(children.get(id) ?? [])].reverse()) open.push({ id: child, parent: node });
    }
  }
  assignBranches(roots, null, path);
  for (const { placed, children } of all) assignBranches(children, placed.branch, path);
  return { messages: all.map(({ placed }) => placed), leftOut };
}

function toNode(
  id: string,
  item: object,
  createdAt: string | undefined,
  position: number,
  parent: Node | undefined,
): Node {
  const place = { position, after: parent?.placed.position ?? -1 };
  const unknown = { branch: null, hasSiblings: false, isCurrent: false, parentBranch: null };
  return { id, children: [], placed: { item, createdAt, ...place, ...unknown } };
}

/** By the id of a node: the children that it names, and behind them those that name it. */
function findChildren(mapping: ReadonlyMap<string, Anything>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const [id, node] of mapping) {
    const children = Array.isArray(node?.children) ? node.children : [];
    found.set(id, new Set(children.filter((child: unknown) => mapping.has(String(child)))));
  }
  for (const [id, node] of mapping) found.get(node?.parent)?.add(id);
  return new Map([...found].map(([id, children]) => [id, [...children]]));
}

/** The ids of a node and all that it goes on from. */
function pathTo(mapping: ReadonlyMap<string, Anything>, node: unknown): ReadonlySet<string> {
  const path = new Set<string>();
  for (
    let id = node;
    typeof id === 'string' && mapping.has(id) && !path.has(id);
    id = mapping.get(id)?.parent
  )
    path.add(id);
  return path;
}

/** Of what follows a message: the one on the way to the current node, or the newest one, goes on in its branch. */
function assignBranches(siblings: readonly Node[], branch: number | null, path: ReadonlySet<string>): void {
  const main = siblings.find(({ id }) => path.has(id)) ?? siblings.at(-1);
  for (const { placed } of siblings) {
    placed.isCurrent = placed === main?.placed;
    placed.branch = placed.isCurrent ? branch : placed.position;
    placed.parentBranch = branch;
    placed.hasSiblings = siblings.length > 1;
  }
}
