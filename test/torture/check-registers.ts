import type { FoundChat, Operation } from './history.ts';

/** What a chat has one of, the last writer's: an operation's value for it, or undefined. */
type Register = (operation: Operation) => string | undefined;

const titleOf: Register = ({ kind, title }) => (kind === 'create' || kind === 'title' ? title : undefined);

const stateOf: Register = ({ kind }) => {
  if (kind === 'delete') return 'deleted';
  return kind === 'create' || kind === 'restore' ? 'active' : undefined;
};

/** The title and the state of a chat are those of an operation that no later one has surely overwritten. */
export function findRegisterFaults(chat: FoundChat, operations: readonly Operation[]): string[] {
  return [
    ...findWrong('title', chat.title ?? '', titleOf, operations),
    ...findWrong('state', chat.isActive ? 'active' : 'deleted', stateOf, operations),
  ];
}

function findWrong(name: string, value: string, read: Register, operations: readonly Operation[]): string[] {
  const writers = operations.filter(
    (operation) => read(operation) !== undefined && operation.outcome !== 'refused',
  );
  const explained = writers.some(
    (writer) =>
      read(writer) === value &&
      !writers.some((later) => later.outcome === 'done' && later.begin > writer.end && read(later) !== value),
  );
  return explained ? [] : [`the ${name} is ${value}, which nobody set last`];
}
