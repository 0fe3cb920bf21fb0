import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { childMessageIn, requestIn } from '../../../src/rendering/child-messages.ts';
import { encodeFrame, FrameReader, MalformedFrame } from '../../../src/rendering/frame.ts';

describe('frames', () => {
  test('come out as they went in, however the pipe cuts them', () => {
    const frame = fc.record({ message: fc.jsonValue(), parts: fc.array(fc.uint8Array()) });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 4 }), fc.array(fc.nat(40)), (frames, cuts) => {
        const stream = Buffer.concat(frames.map(({ message, parts }) => encodeFrame(message, parts)));
        const reader = new FrameReader();
        const read = [];
        let rest = stream;
        for (const cut of cuts) {
          read.push(...reader.push(Buffer.from(rest.subarray(0, cut))));
          rest = rest.subarray(cut);
        }
        read.push(...reader.push(rest));
        const expected = frames.map(({ message, parts }) => ({
          message: JSON.parse(JSON.stringify(message)),
          parts: parts.map((part) => Buffer.from(part)),
        }));
        expect(read).toEqual(expected);
        expect(reader.isWithin).toBe(false);
      }),
    );
  });

  test('of which a part has come are waited for', () => {
    const reader = new FrameReader();
    const frame = encodeFrame('x', [Buffer.alloc(10)]);
    expect(reader.push(frame.subarray(0, 12))).toEqual([]);
    expect(reader.isWithin).toBe(true);
    expect(reader.push(frame.subarray(12))).toHaveLength(1);
  });

  function raw(json: string, bytes: string): Buffer {
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32LE(json.length, 0);
    prefix.writeUInt32LE(bytes.length, 4);
    return Buffer.concat([prefix, Buffer.from(json), Buffer.from(bytes)]);
  }

  test.each<[string, Buffer]>([
    ['a text', Buffer.from('Segmentation fault')],
    ['what is no JSON', raw('{"canary', '')],
    ['a message without lengths', raw('{"message":1}', '')],
    ['lengths without a message', raw('{"lengths":[]}', '')],
    ['a length that is none', raw('{"message":1,"lengths":["1"]}', 'a')],
    ['a negative length', raw('{"message":1,"lengths":[-1,2]}', 'a')],
    ['lengths of more than there is', raw('{"message":1,"lengths":[2]}', 'a')],
    ['lengths of less than there is', raw('{"message":1,"lengths":[0]}', 'a')],
    ['null', raw('null', '')],
  ])('%s is malformed, and not quoted', (_, bytes) => {
    const push = () => new FrameReader().push(bytes);
    expect(push).toThrow(MalformedFrame);
    expect(push).not.toThrow(/canary|fault/);
  });
});

describe('what a child says', () => {
  const part = Buffer.from('x');
  test.each<[string, unknown, readonly Buffer[]]>([
    ['nothing', undefined, []],
    ['a list', ['ready'], []],
    ['a kind that does not exist', { kind: 'done' }, []],
    ['progress that is no number', { kind: 'progress', index: '1' }, []],
    ['a failure without a message', { kind: 'failed', when: 'run' }, []],
    ['a failure at another time', { kind: 'failed', when: 'later', message: 'x' }, []],
    ['results that are no list', { kind: 'rendered', results: 1 }, []],
    ['keys that are no texts', { kind: 'rendered', results: [{ keys: [1] }] }, [part]],
    ['more results than parts', { kind: 'rendered', results: [{}, {}] }, [part]],
    ['more parts than results', { kind: 'rendered', results: [{ keys: [] }] }, [part]],
  ])('is not taken when it is %s', (_, message, parts) => {
    expect(childMessageIn({ message, parts })).toBeUndefined();
  });

  test('is taken when it is results with their parts', () => {
    const message = { kind: 'rendered', results: [{}, { keys: ['a', 'b'] }] };
    expect(childMessageIn({ message, parts: [part, part, part] })).toEqual({ ...message, parts: [part, part, part] });
  });
});

describe('what a child is asked', () => {
  const label = { name: 'a', field: 'F', isSecret: false, as: 'value' };
  test.each<[string, unknown, number]>([
    ['no request', { templates: [] }, 0],
    ['templates without a name', { templates: [{ ...label, name: 1 }], keys: [] }, 1],
    ['templates of another kind', { templates: [{ ...label, as: 'list' }], keys: [] }, 1],
    ['keys that are no texts', { templates: [label], keys: [1] }, 2],
    ['delimiters without a right one', { templates: [label], keys: [], delimiters: { left: '[[' } }, 1],
    ['fewer parts than keys and templates', { templates: [label], keys: ['a'] }, 1],
  ])('is not served when it is %s', (_, message, parts) => {
    expect(requestIn({ message, parts: Array.from({ length: parts }, () => Buffer.alloc(1)) })).toBeUndefined();
  });
});
