import { describe, expect, it } from 'vitest';
import { numberText } from './text.ts';
import { type UpsetCell, type UpsetInput, upsetPlot } from './upset.ts';

const ids = Array.from({ length: 10 }, (_, i) => `list-${i}`);

/** Every combination of the first `n` lists; the cell says what `of` says for its mask. */
function input(
  n: number,
  of: (mask: number) => Omit<UpsetCell, 'in'>,
  names: readonly string[] = ids,
): UpsetInput {
  const lists = names.slice(0, n).map((id, i) => ({ id, size: 900_000 + i }));
  const cells = Array.from({ length: 2 ** n - 1 }, (_, i) => ({
    in: lists.filter((_list, row) => ((i + 1) >> row) & 1).map(({ id }) => id),
    ...of(i + 1),
  }));
  return { title: 'A title', note: 'A note.', lists, cells, unit: 'identifiers' };
}

const counted = (mask: number): Omit<UpsetCell, 'in'> => ({ exactly: mask * 1111 });

const unescaped = (text: string): string =>
  text.replace(
    /&(amp|lt|gt|quot|#39);/g,
    (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"' })[name] ?? "'",
  );

/** Elements in order; throws where the SVG is not well formed. */
function elementsOf(svg: string): { name: string; attributes: Map<string, string>; text: string }[] {
  const found: { name: string; attributes: Map<string, string>; text: string }[] = [];
  const open: (typeof found)[number][] = [];
  let at = 0;
  for (const match of svg.matchAll(/<(\/?)([a-zA-Z]+)((?: [a-zA-Z0-9-]+(?::[a-z]+)?="[^"<]*")*)(\/?)>/g)) {
    const before = svg.slice(at, match.index);
    if (/[<>]/.test(before) || /&(?!amp;|lt;|gt;|quot;|#39;)/.test(before + match[3])) {
      throw new Error('stray markup');
    }
    const parent = open.at(-1);
    if (parent !== undefined) parent.text += unescaped(before);
    at = match.index + match[0].length;
    if (match[1] === '/') {
      if (open.pop()?.name !== match[2]) throw new Error('unbalanced');
      continue;
    }
    const attributes = new Map(
      [...(match[3] ?? '').matchAll(/ ([^=]+)="([^"]*)"/g)].map((a) => [a[1] ?? '', a[2] ?? '']),
    );
    const element = { name: match[2] ?? '', attributes, text: '' };
    found.push(element);
    if (match[4] !== '/') open.push(element);
  }
  if (open.length > 0 || svg.slice(at).trim() !== '') throw new Error('unbalanced');
  return found;
}

/** One group per column: its tooltip, the number above it, how tall its bar is, and its filled dots. */
function columnsOf(svg: string) {
  return [...svg.matchAll(/<g class="col">(.*?)<\/g>/gs)].map(([, inner]) => {
    const elements = elementsOf(`<g>${inner}</g>`);
    const of = (...names: string[]) =>
      elements.filter(({ attributes }) => names.includes(attributes.get('class') ?? ''));
    return {
      tip: elements.find(({ name }) => name === 'title')?.text ?? '',
      label: elements.find(({ name }) => name === 'text')?.text ?? '',
      bars: of('bar').map(({ attributes }) => Number(attributes.get('height'))),
      hatched: of('held').map(({ attributes }) => Number(attributes.get('height'))),
      dots: of('dot', 'hdot').length,
      empty: of('empty').length,
    };
  });
}

const wordsOf = (svg: string): string =>
  elementsOf(svg)
    .filter(({ name }) => name === 'text')
    .map(({ text }) => text)
    .join(' ');

describe('upsetPlot', () => {
  it.each([2, 3, 5])('draws every combination of %d lists, the largest first', (n) => {
    const given = input(n, counted);
    const columns = columnsOf(upsetPlot(given));
    const sorted = given.cells.map(({ exactly }) => exactly as number).sort((a, b) => b - a);
    expect(columns.map(({ label }) => label)).toEqual(sorted.map(numberText));
    const heights = columns.map(({ bars }) => bars[0] as number);
    expect(heights).toEqual([...heights].sort((a, b) => b - a));
    expect(heights.at(-1)).toBeGreaterThan(0);
    for (const { dots, empty, tip, label } of columns) {
      expect(dots + empty).toBe(n);
      expect(tip.startsWith(`${label} identifiers in exactly `)).toBe(true);
      expect(tip.match(/list-\d/g)).toHaveLength(dots);
    }
  });

  it('orders equal numbers by degree, then as the lists are ordered', () => {
    const tips = columnsOf(upsetPlot(input(3, () => ({ exactly: 5 })))).map(({ tip }) => tip);
    expect(
      tips.map((tip) =>
        tip
          .match(/\d(?=,| |$)/g)
          ?.slice(1)
          .join(''),
      ),
    ).toEqual(['0', '1', '2', '01', '02', '12', '012']);
  });

  it('names the sizes of the lists, and the unit of every number', () => {
    const given = input(3, counted);
    const elements = elementsOf(upsetPlot(given));
    const titles = elements.filter(({ name }) => name === 'title').map(({ text }) => text);
    for (const { id, size } of given.lists) {
      expect(titles).toContain(`${numberText(size)} identifiers: size of ${id}`);
    }
    const words = wordsOf(upsetPlot({ ...given, unit: 'hats' }));
    expect(words).toContain('hats in exactly the marked lists');
    expect(words).toContain('list sizes, in hats');
    expect(words).not.toContain('identifiers');
  });

  it('states a zero, without a bar, and says one identifier', () => {
    const columns = columnsOf(upsetPlot(input(2, (mask) => ({ exactly: mask === 3 ? 0 : 1 }))));
    const zero = columns.at(-1);
    expect(zero).toMatchObject({ label: '0', bars: [0], hatched: [], dots: 2 });
    expect(zero?.tip).toBe('0 identifiers in exactly list-0 and list-1');
    expect(columns[0]?.tip).toBe('1 identifier in exactly list-0');
  });

  describe('withheld', () => {
    const reasons = ['below-minimum', 'complementary', 'padded'] as const;

    it('is hatched at one height after the numbers, with its reason and no number', () => {
      const svg = upsetPlot(
        input(3, (mask) => {
          const reason = reasons[mask - 1];
          return reason === undefined ? counted(mask) : { exactly: null, reason };
        }),
      );
      const columns = columnsOf(svg);
      const held = columns.filter(({ hatched }) => hatched.length > 0);
      expect(columns.slice(-reasons.length)).toEqual(held);
      expect(new Set(held.map(({ hatched }) => hatched[0])).size).toBe(1);
      expect(held[0]?.hatched[0]).toBeGreaterThan(0);
      for (const { label, bars, tip } of held) {
        expect(label).toBe('withheld');
        expect(bars).toEqual([]);
        expect(tip.replace(/list-\d/g, '')).not.toMatch(/\d/);
      }
      for (const reason of reasons)
        expect(held.filter(({ tip }) => tip.includes(`(${reason})`))).toHaveLength(1);
      expect(wordsOf(svg)).toContain('3 combinations are withheld');
    });

    it('shows nothing of a number that comes with a reason', () => {
      const secret = 7654321;
      const plot = (exactly: number | null) =>
        upsetPlot(input(2, (mask) => (mask === 3 ? { exactly, reason: 'complementary' } : counted(mask))));
      expect(plot(secret)).not.toMatch(/7,?654,?321/);
      expect(plot(secret)).toBe(plot(null));
    });

    it('is told apart from zero where there is no number at all', () => {
      const svg = upsetPlot(input(2, () => ({ exactly: null })));
      expect(columnsOf(svg).every(({ label, bars }) => label === 'withheld' && bars.length === 0)).toBe(true);
      expect(elementsOf(svg).some(({ name, text }) => name === 'text' && text === '0')).toBe(false);
    });
  });

  describe('of ten lists', () => {
    it('draws the forty largest and sums the others', () => {
      const given = input(10, counted);
      const svg = upsetPlot(given);
      const sorted = given.cells.map(({ exactly }) => exactly as number).sort((a, b) => b - a);
      const columns = columnsOf(svg);
      expect(columns.map(({ label }) => label)).toEqual(sorted.slice(0, 40).map(numberText));
      const others = sorted.slice(40);
      const sum = numberText(others.reduce((a, b) => a + b));
      const told = wordsOf(svg);
      expect(told).toContain(`${numberText(others.length)} more combinations are not shown`);
      expect(told).toContain(`${sum} identifiers in these together`);
    });

    it('draws all withheld ones while there is room, and gives no sum over those it leaves out', () => {
      const few = input(10, (mask) =>
        mask % 100 === 0 ? { exactly: null, reason: 'below-minimum' } : counted(mask),
      );
      const columns = columnsOf(upsetPlot(few));
      const withheld = few.cells.filter(({ exactly }) => exactly === null).length;
      expect(columns).toHaveLength(40);
      expect(columns.filter(({ label }) => label === 'withheld')).toHaveLength(withheld);

      const many = upsetPlot(
        input(10, (mask) => (mask > 5 ? { exactly: null, reason: 'below-minimum' } : counted(mask))),
      );
      const drawn = columnsOf(many);
      expect(drawn).toHaveLength(40);
      expect(drawn.filter(({ bars }) => bars.length > 0)).toHaveLength(5);
      expect(wordsOf(many)).toContain(`${numberText(1023 - 40)} more combinations are not shown`);
      expect(wordsOf(many)).toContain('no sum of all can be given');
      expect(wordsOf(many)).not.toContain('together');
    });

    it('leaves out zeros first and says how many', () => {
      const svg = upsetPlot(input(10, (mask) => ({ exactly: mask <= 12 ? mask : 0 })));
      expect(columnsOf(svg)).toHaveLength(12);
      expect(wordsOf(svg)).toContain(`${numberText(1023 - 12)} with 0 identifiers`);
      expect(columnsOf(upsetPlot(input(10, () => ({ exactly: 0 }))))).toHaveLength(40);
    });
  });

  it('lets no text be markup, turn the line round or break the file', () => {
    const hostile = [
      '<script>alert(1)</script>',
      '"><image href="https://example.org/x"/>',
      "' onload='alert(2)",
      ']]>&amp;</style>',
      'a\u202Eb\u0000c\uD800d\uFFFEe',
    ];
    const given = {
      ...input(5, counted, hostile),
      title: hostile[0] ?? '',
      note: hostile.join(' '),
      unit: '<b>',
    };
    const svg = upsetPlot(given);
    const elements = elementsOf(svg);
    const allowed = 'svg title desc style defs pattern clipPath rect line text g circle'.split(' ');
    for (const { name, attributes } of elements) {
      expect(allowed).toContain(name);
      for (const attribute of attributes.keys()) expect(attribute).not.toMatch(/^on|href/);
    }
    expect(elements.find(({ name }) => name === 'title')?.text).toBe(hostile[0]);
    expect(elements.filter(({ name }) => name === 'style')).toHaveLength(1);
    expect(svg.match(/[\p{Cc}\p{Cf}\p{Cs}\uFFFE]/gu)?.every((c) => c === '\n')).toBe(true);
    const addresses = elements
      .flatMap(({ attributes }) => [...attributes])
      .filter(([, value]) => value.includes('//'));
    expect(addresses).toEqual([['xmlns', 'http://www.w3.org/2000/svg']]);
  });

  it('shortens long ids where they are drawn, and keeps them whole in the tooltip', () => {
    const long = `${'W'.repeat(80)}`;
    const svg = upsetPlot(input(2, counted, [long, 'b']));
    expect(wordsOf(svg)).not.toContain(long);
    expect(wordsOf(svg)).toMatch(/W…/);
    expect(columnsOf(svg).some(({ tip }) => tip.endsWith(long))).toBe(true);
  });

  it('is told to readers of the screen in full', () => {
    const svg = upsetPlot(input(3, counted));
    const elements = elementsOf(svg);
    const root = elements[0]?.attributes;
    const labels = (root?.get('aria-labelledby') ?? '').split(' ');
    expect(root?.get('role')).toBe('img');
    expect(
      elements
        .filter(({ attributes }) => labels.includes(attributes.get('id') ?? ''))
        .map(({ name }) => name),
    ).toEqual(['title', 'desc']);
    const desc = elements.find(({ name }) => name === 'desc')?.text ?? '';
    for (const { tip } of columnsOf(svg)) expect(desc).toContain(tip);
  });

  it('has columns that keep apart, inside the picture', () => {
    for (const n of [2, 3, 5, 10]) {
      const elements = elementsOf(upsetPlot(input(n, counted)));
      const box = elements[0]?.attributes.get('viewBox')?.split(' ').map(Number) ?? [];
      const hits = elements.filter(({ attributes }) => attributes.get('class') === 'hit');
      const spans = hits.map(({ attributes }) => [
        Number(attributes.get('x')),
        Number(attributes.get('width')),
      ]);
      spans.forEach(([x, width], i) => {
        const next = spans[i + 1]?.[0] ?? box[2];
        expect((x as number) + (width as number)).toBeLessThanOrEqual((next as number) + 0.2);
      });
      for (const { attributes } of elements) {
        expect(Number(attributes.get('y') ?? 1)).toBeLessThan(box[3] as number);
        expect(Number(attributes.get('y') ?? 1)).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it('has contrast in light and in dark: 7 for text, 3 for marks (WCAG 2.2, 1.4.6 and 1.4.11)', () => {
    const css = elementsOf(upsetPlot(input(2, counted))).find(({ name }) => name === 'style')?.text ?? '';
    const luminance = (hex: string): number =>
      [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
        const c = Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16) / 255;
        return sum + weight * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
      }, 0);
    const schemes = css.match(/--upset-paper:[^}]*/g) ?? [];
    expect(schemes).toHaveLength(2);
    expect(css).toContain('@media (prefers-color-scheme:dark)');
    for (const scheme of schemes) {
      const colour = (name: string): number =>
        luminance(new RegExp(`--upset-${name}:(#[0-9a-f]{6})`).exec(scheme)?.[1] ?? '');
      const contrast = (a: string, b: string): number => {
        const [low, high] = [colour(a), colour(b)].sort((x, y) => x - y) as [number, number];
        return (high + 0.05) / (low + 0.05);
      };
      for (const ground of ['paper', 'band']) {
        expect(contrast('ink', ground)).toBeGreaterThanOrEqual(7);
        expect(contrast('bar', ground)).toBeGreaterThanOrEqual(3);
        expect(contrast('held', ground)).toBeGreaterThanOrEqual(3);
      }
      expect(contrast('quiet', 'paper')).toBeGreaterThanOrEqual(7);
      expect(contrast('held', 'paper')).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('is the same for the same input, and leaves the input alone', () => {
    const given = input(10, (mask) => (mask % 3 === 0 ? { exactly: null, reason: 'padded' } : counted(mask)));
    const before = structuredClone(given);
    const svg = upsetPlot(given);
    expect(given).toEqual(before);
    expect(upsetPlot(before)).toBe(svg);
    expect(upsetPlot({ ...before, cells: [...before.cells].reverse() })).toBe(svg);
  });

  it('refuses a cell of a list that is not there, without naming it', () => {
    const given = { ...input(2, counted), cells: [{ in: ['elsewhere'], exactly: 1 }] };
    expect(() => upsetPlot(given)).toThrow(expect.objectContaining({ code: 'internal.bug' }));
    expect(() => upsetPlot(given)).not.toThrow(/elsewhere/);
  });
});
