import { type ComponentType, type ReactNode, useEffect, useState } from "react";

interface Closable {
  readonly onClose: () => void;
}

/**
 * A sheet whose code is fetched when it is first opened, so that the panel itself stays small.
 *
 * When it cannot be fetched (the appliance is away or newer than this page) it closes: the panel never falls
 * with it.
 */
export function later<P extends Closable>(load: () => Promise<ComponentType<P>>): (props: P) => ReactNode {
  let loaded: ComponentType<P> | null = null;
  return function Later(props: P) {
    const [, redraw] = useState(0);
    const { onClose } = props;
    useEffect(() => {
      if (loaded !== null) return;
      let current = true;
      load().then(
        (component) => {
          loaded = component;
          if (current) redraw((n) => n + 1);
        },
        () => current && onClose(),
      );
      return () => {
        current = false;
      };
    }, [onClose]);
    const Loaded = loaded;
    return Loaded === null ? null : <Loaded {...props} />;
  };
}
