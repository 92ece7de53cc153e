interface SwitchProps {
  readonly name: string;
  readonly hint?: string;
  readonly on: boolean;
  readonly disabled?: boolean;
  readonly onChange: (on: boolean) => void;
}

/** One yes or no with its name beside it. */
export function Switch({ name, hint, on, disabled, onChange }: SwitchProps) {
  return (
    <div className="row">
      <div>
        {name}
        {hint !== undefined && <small>{hint}</small>}
      </div>
      <button
        type="button"
        role="switch"
        className="switch"
        aria-label={name}
        aria-checked={on}
        disabled={disabled}
        onClick={() => onChange(!on)}
      />
    </div>
  );
}
