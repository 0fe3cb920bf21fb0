/** Templates that would run or grow without end stop soon, with an error that names the limit. */

import { describe, expect, test } from 'vitest';
import { compileTemplate, TemplateError, type TemplateOptions } from '../../../src/template/template.ts';

const DATA = new Map([['a', Buffer.from('x'.repeat(100_000))]]);

function failure(template: string, options: Partial<TemplateOptions> = {}): string {
  try {
    compileTemplate(template, { name: 'k', ...options }).render(DATA);
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
  return 'no error';
}

const REFUSED: Readonly<Record<string, readonly [template: string, limit: string]>> = {
  'loops in loops': ['{{range 100000}}{{range 100000}}{{end}}{{end}}', 'exceeded the limit of 1000000 steps'],
  'a loop without a body': ['{{range 9223372036854775807}}{{end}}', 'exceeded the limit of 1000000 steps'],
  'a template that calls itself': [
    '{{define "r"}}{{template "r"}}{{end}}{{template "r"}}',
    'exceeded maximum template depth (100)',
  ],
  'templates that call each other twice': [
    '{{define "a"}}{{template "b"}}{{template "b"}}{{end}}{{define "b"}}{{if 1}}{{template "a"}}{{end}}{{end}}{{template "a"}}',
    'exceeded maximum template depth (100)',
  ],
  'output beyond the bytes': ['{{range 100}}{{$.a}}{{end}}', 'exceeded the limit of 4194304 bytes'],
  'a text that doubles': ['{{$s := .a}}{{range 60}}{{$s = print $s $s}}{{end}}', 'exceeded the limit of 4194304 bytes'],
  'a width beyond the bytes': ['{{printf "%9000000d" 1}}', 'exceeded the limit of 4194304 bytes'],
  'widths that together are beyond the bytes': [
    `{{printf "${'%900000d'.repeat(5)}" 1 1 1 1 1}}`,
    'exceeded the limit of 4194304 bytes',
  ],
  'many great texts that are thrown away': [
    '{{range 1000}}{{$x := printf "%1000000d" 1}}{{end}}',
    'exceeded the limit of 1000000 steps',
  ],
  'a look through many variables': [
    `${'{{$x := 1}}'.repeat(20_000)}${'{{$.a | len}}'.repeat(20_000)}`,
    'exceeded the limit of 1000000 steps',
  ],
  'a number without end': [`{{${'1'.repeat(1_000_000)}}}`, 'template: k:1: illegal number syntax: "111'],
  'parentheses in parentheses': [
    `{{${'('.repeat(200)}1${')'.repeat(200)}}}`,
    'max expression depth exceeded: the limit is 100',
  ],
  'blocks in blocks': [`${'{{if 1}}'.repeat(401)}${'{{end}}'.repeat(401)}`, 'exceeded the limit of 400 nested blocks'],
  'templates that nest blocks': [
    `{{define "r"}}${'{{if 1}}'.repeat(50)}{{template "r"}}${'{{end}}'.repeat(50)}{{end}}{{template "r"}}`,
    'exceeded the limit of 400 nested blocks',
  ],
};

describe('the limits', () => {
  test.each(Object.entries(REFUSED))('stop %s', (_sentence, [template, limit]) => {
    const message = failure(template);
    expect(message).toContain(limit);
    expect(message.length).toBeLessThan(2100);
  });

  test('name the place', () => {
    expect(failure('ab\n{{range 100}}{{$.a}}{{end}}')).toBe(
      'template: k:2:15: executing "k" at <{{$.a}}>: exceeded the limit of 4194304 bytes',
    );
  });

  test('are those that are given', () => {
    const limits = { steps: 10, bytes: 5, depth: 2 };
    expect(failure('{{range 100}}{{end}}', { limits })).toContain('exceeded the limit of 10 steps');
    expect(failure('123456', { limits })).toContain('exceeded the limit of 5 bytes');
    expect(failure('{{(((1)))}}', { limits })).toContain('the limit is 2');
  });

  test('let deep blocks and long chains of else if pass', () => {
    const chain = `{{if 0}}${'{{else if 0}}'.repeat(390)}{{else}}end{{end}}`;
    const blocks = `${'{{with 1}}'.repeat(399)}x${'{{end}}'.repeat(399)}`;
    const render = (template: string) => compileTemplate(template, { name: 'k' }).render(DATA).toString();
    expect([render(chain), render(blocks)]).toEqual(['end', 'x']);
  });

  test('let an output of the limit pass', () => {
    const limits = { steps: 1000, bytes: 100_000, depth: 5 };
    expect(compileTemplate('{{.a}}', { name: 'k', limits }).render(DATA)).toHaveLength(100_000);
  });
});

describe('the door', () => {
  test('renders a template any number of times, each on its own', () => {
    const template = compileTemplate('{{$x := 0}}{{range .a}}{{end}}', { name: 'k' });
    expect(() => template.render(new Map([['a', Buffer.from('s')]]))).toThrow(TemplateError);
    const counted = compileTemplate('{{$n := len .a}}{{$n}}', { name: 'k' });
    const bytes = [1, 2].map((length) =>
      Buffer.from(counted.render(new Map([['a', Buffer.alloc(length)]]))).toString(),
    );
    expect(bytes).toEqual(['1', '2']);
  });

  test('parse errors are its own', () => {
    expect(() => compileTemplate('{{', { name: 'the-key' })).toThrow(
      new TemplateError('template: the-key:1: unclosed action'),
    );
  });

  test('a missing key is an error unless asked otherwise', () => {
    expect(failure('{{.nope}}')).toBe('template: k:1:2: executing "k" at <.nope>: map has no entry for key "nope"');
    const lenient = compileTemplate('{{.nope}}', { name: 'k', missingKey: 'default' });
    expect(lenient.render(DATA).toString()).toBe('<no value>');
  });

  test('binary data passes byte-exact', () => {
    const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const rendered = compileTemplate('{{.b}}', { name: 'k' }).render(new Map([['b', every]]));
    expect(Buffer.compare(rendered, every)).toBe(0);
  });
});
