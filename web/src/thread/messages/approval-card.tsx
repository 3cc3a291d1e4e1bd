import type { ApprovalDecision, PendingCall, RunResponse } from 'questlog/client';
import { useState } from 'react';
import { focusMessageBox } from '../composer/message-box.tsx';
import { useThread } from '../thread-context.ts';
import { pretty } from './tool-card.tsx';

/** The calls that wait for the person's decision; they go out together when the last one is decided. */
export function ApprovalCards({ run }: { readonly run: RunResponse }) {
  const thread = useThread();
  const [decided, setDecided] = useState<ReadonlyMap<string, ApprovalDecision>>(new Map());
  const [isSending, setSending] = useState(false);
  const decide = async (decision: ApprovalDecision) => {
    const all = new Map([...decided, [decision.call_id, decision]]);
    setDecided(all);
    if (!run.pending.every(({ call_id }) => all.has(call_id))) return;
    setSending(true);
    focusMessageBox();
    await thread.decide(run, [...all.values()]);
    setSending(false);
    setDecided(new Map());
  };
  return run.pending
    .filter(({ call_id }) => isSending || !decided.has(call_id))
    .map((call) => (
      <ApprovalCard
        key={call.call_id}
        call={call}
        isSending={isSending}
        onDecide={(made) => void decide(made)}
      />
    ));
}

interface ApprovalCardProps {
  readonly call: PendingCall;
  readonly isSending: boolean;
  readonly onDecide: (decision: ApprovalDecision) => void;
}

function ApprovalCard({ call, isSending, onDecide }: ApprovalCardProps) {
  const [reason, setReason] = useState('');
  const { call_id } = call;
  return (
    <section className="approval" aria-label={`Approve ${call.name}?`}>
      <p>
        <strong>{call.agent}</strong> asks to use <code>{call.name}</code>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls, by the keyboard too. */}
      <pre tabIndex={0}>{pretty(call.arguments)}</pre>
      <label className="hidden" htmlFor={`reason-${call_id}`}>
        Reason for rejecting
      </label>
      <input
        id={`reason-${call_id}`}
        placeholder="Why not? (told to the agent when you reject)"
        value={reason}
        maxLength={4_000}
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="approval-actions">
        <button
          type="button"
          className="button primary"
          disabled={isSending}
          onClick={() => onDecide({ call_id, approve: true })}
        >
          Approve
        </button>
        <button
          type="button"
          className="button"
          disabled={isSending}
          onClick={() =>
            onDecide({ call_id, approve: false, ...(reason.trim() ? { reason: reason.trim() } : {}) })
          }
        >
          Reject
        </button>
      </div>
    </section>
  );
}
