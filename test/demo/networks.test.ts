/** The network that the address of the page names. */
import { expect, it } from 'vitest';
import { networkOf } from '../../demo/src/networks.ts';

it('is a name, choices or JSON; any other text is refused', () => {
  const typesOf = (text: string) => networkOf(text, [1, 28, 28], 10).layers.map(({ type }) => type);
  expect(typesOf('reference')).toContain('conv2d');
  expect(typesOf('conv4x3-dense8')).toContain('dense');
  expect(typesOf('{"inputShape":[1,28,28],"layers":[{"type":"relu"}]}')).toEqual(['relu']);
  expect(() => typesOf('conv4')).toThrow(
    'network: expected a name, a text like conv12x3-dense64, or JSON, got conv4.',
  );
});
