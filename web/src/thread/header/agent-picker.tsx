import type { AgentSummary } from 'questlog/client';
import { useTexts } from '../../texts/texts-provider.tsx';

interface AgentPickerProps {
  readonly agents: readonly AgentSummary[];
  readonly current: AgentSummary;
  readonly onPick: (name: string) => void;
}

/** Who gets what the person says next. */
export function AgentPicker({ agents, current, onPick }: AgentPickerProps) {
  const { thread } = useTexts();
  return (
    <select
      className="agent-picker"
      aria-label={thread.agent}
      title={thread.whoAnswers}
      value={current.name}
      onChange={(event) => onPick(event.currentTarget.value)}
    >
      {agents.map(({ name, title }) => (
        <option key={name} value={name}>
          {title}
        </option>
      ))}
    </select>
  );
}
