/** Chooses tabs, and folds the lower pane away. */
import { byId } from './dom.js';

export function showPanes(): void {
  const tabs = [...document.querySelectorAll<HTMLElement>('#right [role=tab]')];
  const choose = (chosen: HTMLElement): void => {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute('aria-selected', String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      byId(tab.getAttribute('aria-controls') ?? '').hidden = !isChosen;
    }
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener('click', () => choose(tab));
    tab.addEventListener('keydown', (event) => {
      const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
      const next = step === 0 ? undefined : tabs[(index + step + tabs.length) % tabs.length];
      if (!next) return;
      choose(next);
      next.focus();
    });
  });
  const fold = byId('fold');
  fold.addEventListener('click', () => {
    const isFolded = document.body.classList.toggle('is-folded');
    fold.setAttribute('aria-expanded', String(!isFolded));
    fold.textContent = isFolded ? 'Show' : 'Hide';
  });
}
