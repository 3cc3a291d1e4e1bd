import type { ApprovalDecision, PendingCall, RunResponse } from 'questlog/client';
import { useState } from 'react';
import { Filled } from '../../texts/filled.tsx';
import { useTexts } from '../../texts/texts-provider.tsx';
import { focusMessageBox } from '../composer/message-box.tsx';
import { useThread } from '../thread-context.ts';
import { argumentsInWords, toolInWords } from './in-words.ts';

/** The calls that wait for the person. Each decision goes out when it is made: the others go on waiting. */
export function ApprovalCards({ run }: { readonly run: RunResponse }) {
  return run.pending.map((call) => <ApprovalCard key={call.call_id} run={run} call={call} />);
}

interface ApprovalCardProps {
  readonly run: RunResponse;
  readonly call: PendingCall;
}

function ApprovalCard({ run, call }: ApprovalCardProps) {
  const thread = useThread();
  const { approval } = useTexts();
  const [reason, setReason] = useState('');
  const [isSending, setSending] = useState(false);
  const { call_id } = call;
  const decide = async (decision: ApprovalDecision) => {
    setSending(true);
    focusMessageBox();
    await thread.decide(run, decision);
    setSending(false);
  };
  const reject = () =>
    decide({ call_id, approve: false, ...(reason.trim() ? { reason: reason.trim() } : {}) });
  return (
    <section className="approval" aria-label={approval.title(call.name)}>
      <p>
        <Filled
          text={approval.asks}
          parts={{
            agent: <strong>{call.agent}</strong>,
            tool: <strong title={call.name}>{toolInWords(call.name)}</strong>,
          }}
        />
      </p>
      <dl>
        {argumentsInWords(call.arguments, thread.state.get().messages).map(({ label, text, title }) => (
          <div key={label}>
            <dt>{label}</dt>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls, by the keyboard too. */}
            <dd dir="auto" tabIndex={0} title={title}>
              {text}
            </dd>
          </div>
        ))}
      </dl>
      <label className="hidden" htmlFor={`reason-${call_id}`}>
        {approval.reason}
      </label>
      <input
        id={`reason-${call_id}`}
        dir="auto"
        placeholder={approval.whyNot}
        value={reason}
        maxLength={4_000}
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="approval-actions">
        <button
          type="button"
          className="button primary"
          disabled={isSending}
          onClick={() => void decide({ call_id, approve: true })}
        >
          {approval.approve}
        </button>
        <button type="button" className="button" disabled={isSending} onClick={() => void reject()}>
          {approval.reject}
        </button>
      </div>
    </section>
  );
}
