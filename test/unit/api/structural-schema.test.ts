import * as Type from 'typebox';
import { describe, expect, it, test } from 'vitest';
import { structuralSchema } from '../../../src/api/structural-schema.ts';

describe('structuralSchema', () => {
  it('shows none of the marks that TypeBox keeps on its schemas', () => {
    const schema = Type.Object({ a: Type.Optional(Type.String()), b: Type.Array(Type.Integer()) });
    expect(structuralSchema(schema)).toStrictEqual({
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'array', items: { type: 'integer' } } },
      required: ['b'],
    });
  });

  it('makes a union with null nullable', () => {
    const schema = Type.Union([Type.String({ format: 'date-time' }), Type.Null()], { description: 'When.' });
    expect(structuralSchema(schema)).toStrictEqual({
      type: 'string',
      format: 'date-time',
      description: 'When.',
      nullable: true,
    });
  });

  it('copies defaults, enums and rules untouched, even where they look like schemas', () => {
    const data = { default: { properties: { type: 'null' } }, 'x-kubernetes-validations': [{ rule: 'true' }] };
    expect(structuralSchema(Type.Object({}, data))).toMatchObject(data);
  });

  test.each([
    ['a tuple', Type.Tuple([Type.String()])],
    ['a map by patterns', Type.Record(Type.String(), Type.String())],
    ['an intersection', Type.Intersect([Type.Object({}), Type.Object({})])],
    ['a union of null and two more', Type.Union([Type.String(), Type.Integer(), Type.Null()])],
    ['something that is no schema', 'text'],
  ])('refuses %s, which has no structural form', (_, schema) => {
    expect(() => structuralSchema(schema)).toThrow(TypeError);
  });

  it('leaves out what the API server leaves out: properties without any', () => {
    expect(structuralSchema(Type.Object({ spec: Type.Optional(Type.Object({})) }))).toEqual({
      type: 'object',
      properties: { spec: { type: 'object' } },
    });
  });
});
