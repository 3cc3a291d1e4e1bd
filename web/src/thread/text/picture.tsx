import { useState } from 'react';
import { useTexts } from '../../texts/texts-provider.tsx';
import { Icon } from '../../ui/icons.tsx';

/** A picture within the answer itself; a larger one than an answer needs is left out. */
const PICTURE_IN_TEXT = /^data:image\/(?:png|jpeg|gif|webp|avif);base64,[\w+/=]{1,200000}$/;

/** Whether an address is that of a picture within the text. */
export function isPictureInText(address: string): boolean {
  return PICTURE_IN_TEXT.test(address);
}

interface PictureProps {
  readonly address: URL;
  readonly alt: string;
}

/** A picture of another server, who learns by its address and when it is asked for what a model wants it to know: by consent only. */
export function Picture({ address, alt }: PictureProps) {
  const texts = useTexts();
  const [state, setState] = useState<'hidden' | 'shown' | 'failed'>('hidden');
  if (state === 'shown')
    return (
      <img src={address.href} alt={alt} referrerPolicy="no-referrer" onError={() => setState('failed')} />
    );
  return (
    <span className="picture">
      <Icon name="picture" />
      <span title={address.href}>
        {alt || texts.text.image} · {address.host}
      </span>
      <button
        type="button"
        className="button"
        onClick={(event) => {
          // It may stand in a link.
          event.preventDefault();
          setState('shown');
        }}
      >
        {state === 'failed' ? texts.common.tryAgain : texts.text.showPicture}
      </button>
    </span>
  );
}
