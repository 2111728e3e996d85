/** What is wrong with what a page shows: for whoever cannot see it, for whoever can, and for whoever is attacked by it. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** Rules that are broken, each with what breaks it. `only`: of these rules. @default all */
export const axeFinds = async (
  page: Page,
  only: readonly string[] = [],
): Promise<readonly (readonly [string, readonly string[]])[]> => {
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
  const { violations } = await (only.length === 0 ? axe : axe.withRules([...only])).analyze();
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
};

/**
 * Runs in the page. Each text has to be inside of the window, and inside of all that hides what goes beyond it; but for what is
 * only for who listens, and for what ends in dots and stands as a whole in its title.
 */
const MISPLACED = `(() => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page is ' + document.documentElement.scrollWidth + ' wide');
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const holder = node.parentElement;
    const text = node.textContent.trim();
    if (text === '' || holder.closest('.unseen, .skip, select, noscript') !== null || !holder.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const { left, right, top, bottom, width } = range.getBoundingClientRect();
    if (width === 0) continue;
    let isReachable = false;
    let isMeant = false;
    const cut = [];
    for (let at = holder; at !== null && !isReachable; at = at.parentElement) {
      const { overflowX, overflowY, textOverflow, clipPath } = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      isMeant ||= clipPath !== 'none' || (textOverflow === 'ellipsis' && at.title.includes(text));
      if (/hidden|clip/.test(overflowX) && (left < box.left - 1 || right > box.right + 1)) cut.push('cut: ' + text);
      if (/hidden|clip/.test(overflowY) && (top < box.top - 1 || bottom > box.bottom + 1)) cut.push('cut: ' + text);
      isReachable = /auto|scroll/.test(overflowX);
    }
    if (isMeant) continue;
    found.push(...cut);
    if (!isReachable && (left < -1 || right > innerWidth + 1)) found.push('outside: ' + text);
  }
  return found.map((one) => one.slice(0, 200));
})()`;

/** What is cut off, or beyond the edge of the window, where nobody can scroll to it. */
export const misplacedIn = (page: Page): Promise<readonly string[]> => page.evaluate<string[]>(MISPLACED);

/** Runs in the page. Nothing of ours is an image, a frame or a script in the document, or calls a script by an attribute. */
const NOT_TEXT = `(() => {
  const found = [...document.querySelectorAll('img, iframe, object, embed, base, form[action], body script, body style')];
  for (const element of document.querySelectorAll('body *')) {
    const names = element.getAttributeNames();
    if (names.some((name) => name.startsWith('on'))) found.push(element);
    if (names.some((name) => /^(?:javascript|data|vbscript):/i.test(element.getAttribute(name).trim()) && /^(?:href|src|xlink:href|action|formaction)$/.test(name))) found.push(element);
    if (element instanceof HTMLAnchorElement && element.origin !== location.origin) found.push(element);
  }
  const said = [document.title, document.body.textContent];
  for (const element of document.querySelectorAll('body *')) {
    for (const name of ['title', 'aria-label', 'placeholder', 'data-name']) said.push(element.getAttribute(name) ?? '');
  }
  const hidden = said.join(' ').match(/(?![\\t\\n])[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]/gu) ?? [];
  return [...found.map((element) => element.outerHTML.slice(0, 200)), ...hidden.map((char) => 'U+' + char.codePointAt(0).toString(16))];
})()`;

/**
 * What became more than text: elements, scripts, links elsewhere, and characters that move, hide or turn around what stands
 * beside them, also in what is read out, shown on hovering, or in the title of the tab.
 */
export const notTextIn = (page: Page): Promise<readonly string[]> => page.evaluate<string[]>(NOT_TEXT);
