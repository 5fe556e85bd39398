import { byId, html } from './elements.ts';

const parameter = 'scaler';

/** Which scaler is shown: that of the address, else the first. There is a list to choose from where there are several. */
export function scalerChoice(onChosen: () => void) {
  const label = byId('choice', HTMLLabelElement);
  const list = byId('scaler', HTMLSelectElement);
  let chosen = new URLSearchParams(location.search).get(parameter) ?? undefined;
  list.addEventListener('change', () => {
    chosen = list.value;
    const address = new URL(location.href);
    address.searchParams.set(parameter, chosen);
    history.replaceState(undefined, '', address);
    onChosen();
  });
  return {
    chosen: () => chosen,
    offer(names: readonly string[]) {
      if (chosen === undefined || !names.includes(chosen)) chosen = names[0];
      list.replaceChildren(...names.map((value) => html('option', { value }, value)));
      list.value = chosen ?? '';
      label.hidden = names.length < 2;
    },
  };
}
