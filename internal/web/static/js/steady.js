// Pressing twice by mistake.

const twice = 700; // the same button again within so many milliseconds was meant once
let last = { button: null, at: 0 };

// steady reports whether a press is one, and not the second half of a double press.
export function steady(button) {
  const again = last.button === button && Date.now() - last.at < twice;
  if (!again) last = { button, at: Date.now() };
  return !again;
}
