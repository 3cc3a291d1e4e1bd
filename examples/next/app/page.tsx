'use client';
import { QuestlogClient } from 'questlog/client';
import { useState } from 'react';

const client = new QuestlogClient({ baseUrl: '/api', getToken: async () => 'secret-of-ada' });

export default function Page() {
  const [answer, setAnswer] = useState('');
  const ask = async () => {
    setAnswer('');
    const { events } = await client.stream({ input: 'My chain is off', session_id: 'my-bicycle' });
    for await (const { event } of events) {
      if (event.type === 'raw_response' && event.kind === 'text_delta') {
        setAnswer((text) => text + event.delta);
      }
    }
  };
  return (
    <main>
      <button type="button" onClick={ask}>
        My chain is off
      </button>
      <p>{answer}</p>
    </main>
  );
}
