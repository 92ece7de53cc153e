import { type RefCallback, useCallback } from "react";

/** Less than this is a rounding, not a key out of sight. */
const HIDDEN_PX = 12;

/** Marks a scrolling box with `data-more="up"`, `"down"` or `"both"` while something of it is out of sight. */
export function useMore(): RefCallback<HTMLElement> {
  return useCallback((box: HTMLElement | null) => {
    if (box === null) return;
    const mark = () => {
      const up = box.scrollTop > HIDDEN_PX;
      const down = box.scrollHeight - box.clientHeight - box.scrollTop > HIDDEN_PX;
      const more = up && down ? "both" : up ? "up" : down ? "down" : null;
      if (more === null) delete box.dataset["more"];
      else box.dataset["more"] = more;
    };
    mark();
    box.addEventListener("scroll", mark, { passive: true });
    const size = new ResizeObserver(mark);
    size.observe(box);
    const content = new MutationObserver(mark);
    content.observe(box, { childList: true });
    return () => {
      box.removeEventListener("scroll", mark);
      size.disconnect();
      content.disconnect();
    };
  }, []);
}
