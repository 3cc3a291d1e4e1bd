import type { FeedbackRequest, PlacedItem, RateItemOptions } from 'questlog/client';

/** Shows what the person thinks of an item while it is stored, and what they thought before where that fails. */
export async function showRating(
  state: { readonly get: () => { readonly items: readonly PlacedItem[] } },
  show: (items: readonly PlacedItem[]) => void,
  { position, ...rated }: RateItemOptions,
  store: () => Promise<void>,
): Promise<void> {
  const rate = ({ rating, comment = null }: FeedbackRequest) => {
    const feedback = rating === null ? null : { rating, comment };
    show(
      state.get().items.map((placed) => (placed.position === position ? { ...placed, feedback } : placed)),
    );
  };
  const before = state.get().items.find((placed) => placed.position === position)?.feedback;
  rate(rated);
  try {
    await store();
  } catch (error) {
    rate(before ?? { rating: null });
    throw error;
  }
}
