import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeHex, parseHex } from '../bytes/index.ts';
import { emptyRoot, isConsistent, isIncluded, leafHash, MerkleTree, nodeHash } from './index.ts';

// The reference leaves, roots and proofs of the certificate-transparency tests
// (google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc; the same in transparency-dev/merkle,
// proof/verify_test.go).
const leaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const h = {
  a: '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  b: '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  c: '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  d: 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  e: 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  f: '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
  g: 'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
};
const root = (size: number): string => roots[size - 1] as string;
/** Index from 0. */
const inclusions: [index: number, size: number, path: string[]][] = [
  [0, 1, []],
  [0, 8, [h.a, h.b, h.c]],
  [5, 8, [h.d, h.e, root(4)]],
  [2, 3, [root(2)]],
  [1, 5, [root(1), h.b, h.d]],
];
const consistencies: [first: number, second: number, path: string[]][] = [
  [1, 1, []],
  [1, 8, [h.a, h.b, h.c]],
  [6, 8, [h.f, h.e, root(4)]],
  [2, 5, [h.b, h.d]],
  [6, 7, [h.f, h.g, root(4)]],
];

const treeOf = (data: readonly Uint8Array[]): MerkleTree => {
  const tree = new MerkleTree();
  for (const leaf of data) tree.append(leafHash(leaf));
  return tree;
};
const head = (size: number) => ({ size, root: parseHex(root(size)) });

/** MTH of RFC 6962 §2.1 word for word. */
function plainRoot(data: readonly Uint8Array[]): Uint8Array {
  if (data.length === 0) return emptyRoot();
  if (data.length === 1) return leafHash(data[0] as Uint8Array);
  let k = 1;
  while (k * 2 < data.length) k *= 2;
  return nodeHash(plainRoot(data.slice(0, k)), plainRoot(data.slice(k)));
}

const numbered = (n: number): Uint8Array[] =>
  Array.from({ length: n }, (_, i) => Uint8Array.of(i & 255, i >> 8));

describe('Merkle tree, published vectors', () => {
  const tree = treeOf(leaves.map(parseHex));

  it('gives the reference roots', () => {
    expect(encodeHex(emptyRoot())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(roots.map((_, i) => encodeHex(tree.root(i + 1)))).toEqual(roots);
  });

  it('makes and takes the reference proofs', () => {
    for (const [index, size, path] of inclusions) {
      expect(tree.inclusion(index, size).map(encodeHex)).toEqual(path);
      const leaf = leafHash(parseHex(leaves[index] as string));
      expect(isIncluded(leaf, index, head(size), path.map(parseHex))).toBe(true);
    }
    for (const [first, second, path] of consistencies) {
      expect(tree.consistency(first, second).map(encodeHex)).toEqual(path);
      expect(isConsistent(head(first), head(second), path.map(parseHex))).toBe(true);
    }
  });

  it('refuses each reference proof once it is corrupted as the reference tests corrupt it', () => {
    const some = parseHex('abacaba000000000000000000000000000000000000000000060061e00123456');
    for (const [index, size, texts] of inclusions) {
      const path = texts.map(parseHex);
      const leaf = leafHash(parseHex(leaves[index] as string));
      const at = head(size);
      const wrong: Parameters<typeof isIncluded>[] = [
        [leaf, index - 1, at, path],
        [leaf, index + 1, at, path],
        [leaf, index ^ 2, at, path],
        [leaf, index, { ...at, size: size * 2 }, path],
        [leaf, index, { ...at, size: Math.floor(size / 2) }, path],
        [new Uint8Array(9), index, at, path],
        [leaf, index, { size, root: emptyRoot() }, path],
        [leaf, index, { size, root: some }, path],
        [leaf, index, at, [...path, new Uint8Array(0)]],
        [leaf, index, at, [...path, at.root]],
        [leaf, index, at, [new Uint8Array(0), ...path]],
        [leaf, index, at, [at.root, ...path]],
        ...path.map((hash, i): Parameters<typeof isIncluded> => {
          const changed = hash.map((byte, j) => (j === 0 ? byte ^ 8 : byte));
          return [leaf, index, at, path.with(i, changed)];
        }),
      ];
      if (path.length > 0) wrong.push([leaf, index, at, path.slice(0, -1)]);
      if (path.length > 1) wrong.push([leaf, index, at, [path[0] as Uint8Array, some, ...path.slice(1)]]);
      for (const args of wrong) expect(isIncluded(...args)).toBe(false);
    }
    for (const [first, second, texts] of consistencies.slice(1)) {
      const path = texts.map(parseHex);
      const [a, b] = [head(first), head(second)];
      const wrong: Parameters<typeof isConsistent>[] = [
        [{ ...a, size: first - 1 }, b, path],
        [{ ...a, size: first + 1 }, b, path],
        [{ ...a, size: first ^ 2 }, b, path],
        [a, { ...b, size: second * 2 }, path],
        [a, { ...b, size: Math.floor(second / 2) }, path],
        [{ ...a, root: some }, b, path],
        [a, { ...b, root: some }, path],
        [{ ...a, root: b.root }, { ...b, root: a.root }, path],
        [a, b, []],
        [a, b, [...path, new Uint8Array(0)]],
        [a, b, [...path, a.root]],
        [a, b, [...path, b.root]],
        [a, b, [a.root, ...path]],
        [a, b, [b.root, ...path]],
        [a, b, [path[0] as Uint8Array, ...path]],
        [a, b, path.slice(0, -1)],
        ...path.map((hash, i): Parameters<typeof isConsistent> => {
          const changed = hash.map((byte, j) => (j === 0 ? byte ^ 16 : byte));
          return [a, b, path.with(i, changed)];
        }),
      ];
      for (const args of wrong) expect(isConsistent(...args)).toBe(false);
    }
  });
});

describe('Merkle tree', () => {
  it('has the root that the definition gives, also with one leaf more', () => {
    for (let n = 0; n <= 40; n++) {
      const data = numbered(n);
      const tree = treeOf(data);
      expect(encodeHex(tree.root())).toBe(encodeHex(plainRoot(data)));
      const next = Uint8Array.of(7, 7, 7);
      expect(encodeHex(tree.rootWith(leafHash(next)))).toBe(encodeHex(plainRoot([...data, next])));
    }
  });

  it('proves every leaf of every size, and no leaf in another place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), fc.nat(), (n, a, b) => {
        const data = numbered(n);
        const tree = treeOf(data);
        const size = 1 + (a % n);
        const index = b % size;
        const at = { size, root: tree.root(size) };
        const path = tree.inclusion(index, size);
        const leaf = leafHash(data[index] as Uint8Array);
        expect(isIncluded(leaf, index, at, path)).toBe(true);
        const other = (index + 1) % size;
        if (other !== index) {
          expect(isIncluded(leaf, other, at, path)).toBe(false);
          expect(isIncluded(leafHash(data[other] as Uint8Array), index, at, path)).toBe(false);
        }
        // An inner node is no leaf.
        if (path.length > 0) expect(isIncluded(path[0] as Uint8Array, index, at, path.slice(1))).toBe(false);
      }),
      { endOnFailure: true },
    );
  });

  it('proves every head consistent with every later one, and a changed history with none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 120 }), fc.nat(), fc.nat(), (n, a, b) => {
        const data = numbered(n);
        const tree = treeOf(data);
        const second = 1 + (a % n);
        const first = b % (second + 1);
        const [older, newer] = [first, second].map((size) => ({ size, root: tree.root(size) }));
        if (older === undefined || newer === undefined) return;
        const path = tree.consistency(first, second);
        expect(isConsistent(older, newer, path)).toBe(true);
        if (first === 0) return;
        const forged = treeOf(data.with(b % first, Uint8Array.of(1, 2, 3)));
        const fork = { size: second, root: forged.root(second) };
        expect(isConsistent(older, fork, path)).toBe(false);
        expect(isConsistent(older, fork, forged.consistency(first, second))).toBe(false);
      }),
      { endOnFailure: true },
    );
  });

  it('refuses sizes and places beyond it', () => {
    const tree = treeOf(numbered(5));
    expect(() => tree.root(6)).toThrow(expect.objectContaining({ code: 'argument.invalid' }));
    expect(() => tree.inclusion(5)).toThrow(expect.objectContaining({ code: 'argument.invalid' }));
    expect(() => tree.inclusion(0, 0)).toThrow(expect.objectContaining({ code: 'argument.invalid' }));
    expect(() => tree.consistency(4, 3)).toThrow(expect.objectContaining({ code: 'argument.invalid' }));
    expect(() => tree.root(0.5)).toThrow(expect.objectContaining({ code: 'argument.invalid' }));
  });
});
