/** The golden files that are made from lists: each topic has a text or two, and the paths for it. */

import type { Topic } from '../oracle/engine.ts';
import type { PathCase } from './case.ts';

type Source = readonly [json: string, paths: readonly string[]];

const PEOPLE = `{"name":{"first":"Tom","last":"Anderson"},"age":37,"children":["Sara","Alex","Jack"],"fav.movie":"Deer Hunter",
"friends":[{"first":"Dale","last":"Murphy","age":44,"nets":["ig","fb","tw"]},{"first":"Roger","last":"Craig","age":68,"nets":["fb","tw"]},{"first":"Jane","last":"Murphy","age":47,"nets":["ig","tw"]}]}`;

const VALUES = String.raw`{"s":"x\n\u00e9\ud83d\ude00\"y","e":"","i":12345678901234567890123,"f":1.50,"h":1e3,"z":-0,"m":-1.25e-7,"b":1.5e21,"t":true,"n":null,"o":{ "a" : 1.0 },"a":[1, 2.0,"x"],"half":"\ud800x","slash":"\/"}`;

const KEYS = String.raw`{"a.b":"dot","a":{"b":"nested","c.d":"x","*":"star"},"a*":"one","ab":"two","":"empty","x|y":"pipe","@this":"at","é":"e","back\\slash":"bs","q\"":"quote","1":"digit","a":"second"}`;

// biome-ignore format: a table
const DOCUMENTS: Readonly<Record<string, readonly [about: string, ...sources: readonly Source[]]>> = {
  texts: [
    'What text a value of each kind becomes',
    [
      VALUES,
      [
        's', 'e', 'i', 'f', 'h', 'z', 'm', 'b', 't', 'n', 'o', 'a', 'half', 'slash', 'missing', 's.x', 'n.x', 'a.length',
      ],
    ],
    ['"text"', ['', 'a', '@this', '0']],
    [' 1.50 ', ['@this', '@fromstr', '@tostr']],
    ['', ['a', '@this', '@valid', '@keys', '@pretty', '@tostr', '{a}', '[a]', '#', '..#']],
  ],
  keys: [
    'Keys, escapes, wildcards, and which of several keys is meant',
    [
      KEYS,
      [
        'a', 'a.b', 'a\\.b', 'a.c\\.d', 'a.\\*', 'a.*', 'a\\*', 'a*', 'a?', '*', '?', '??', '*b', 'x|y', 'x\\|y', '@this.a', '\\@this', 'é',
        'back\\\\slash', 'back*', 'q"', '1', '', '.', 'a.', '.a', 'a..b', 'a\\', '\\a', '*.b', '*.c\\.d', '*.nope', 'a*\\', '?b', 'nope', '**',
        '*a*', 'a.b.c',
      ],
    ],
    ['{"a":{"x":1},"a":{"b":2}}', ['a', 'a.x', 'a.b', '*.b']],
    ['{"a":{"b":[]},"c":{"b":[1]}}', ['*.b.0', '*.b.#', '*.b.#(>0)#', '*.b.#(>1)', 'c.b|0']],
  ],
  arrays: [
    'Indexes, lengths, and what is collected from each element',
    [
      PEOPLE,
      [
        'children.0', 'children.2', 'children.3', 'children.-1', 'children.00', 'children.18446744073709551617', 'children.#', 'children|#',
        'children.#.x', 'friends.#', 'friends.#.first', 'friends.#.nets.#', 'friends.#.nets', 'friends.#.nets.0', 'friends.#.nope',
        'friends.#.nets|0', 'friends.#.nets|#', 'friends.#.nets|0.1', 'friends.#|1', 'friends.1.last', 'friends|1|last', 'friends.a#', 'friends.##',
        'friends.#.', 'friends.#.#', 'children.*', 'age.#', 'name.#', '#', 'friends.#.@this.first', 'friends.#.{first,age}',
        'friends.#.[first,last]|1', 'friends.1e0',
      ],
    ],
    ['[]', ['#', '#.a', '0', '#()', '#()#', '#(a)#|0', '@this.#', '@reverse', '@flatten', '@join', '@keys', '@values']],
    ['[[1,[2]],3,"[4]"]', ['0.1.0', '#.#', '#.0', '2.0', '2|0', '0|1|0', '#.#.#']],
  ],
  queries: [
    'Queries of every operator, on values of every kind',
    [
      PEOPLE,
      [
        'friends.#(last=="Murphy").first', 'friends.#(last=="Murphy")#.first', 'friends.#(last="Murphy")#.first', 'friends.#(last==Murphy).first',
        'friends.#(last!="Murphy").first', 'friends.#(age>45)#.first', 'friends.#(age>=47)#.first', 'friends.#(age<45).first',
        'friends.#(age<=47)#.first', 'friends.#(first%"D*").last', 'friends.#(first!%"D*")#.last', 'friends.#(first%"?a*")#.first',
        'friends.#(nets.#(=="fb"))#.first', 'friends.#(nets.#>2).first', 'friends.#(first)#.age', 'friends.#(nope)#', 'friends.#(nope)',
        'friends.#(last=="Murphy")#|#', 'friends.#(last=="Murphy")#|0.first', 'friends.#(last=="Murphy")#.first|1',
        'friends.#(last=="Murphy").nets.#', 'friends.#(last=="Murphy")#.nets.#', 'friends.#(last=="Murphy")#.nets|0', 'friends.#[age>45].first',
        'friends.#( age > 45 ).first', 'friends.#(age>45', 'friends.#(', 'friends.#()', 'friends.#()#', 'friends.#(age!45)#', 'friends.#(age=>45)#',
        'friends.#(age===44)#', 'friends.#(first>"J")#.first', 'friends.#(first<="Jane")#.first', 'children.#(!%"*a*")#', 'children.#(%"*a*")#',
        'children.#(=="Alex")', 'children.#(a=="Alex")', 'friends.#(first=="a)b")#', 'friends.#(first=="Dale")#.{first,"n":nets.#}',
        'friends.#(age==4.4e1).first', 'friends.#(age==0x2c).first', 'friends.#(first=="\\u0044ale").last', 'friends.#(%"*")#',
        'friends.#.nets.#(=="fb")', 'friends.#(nets.0=="ig")#.nets.#(=="tw")',
      ],
    ],
    [
      '[true,false,null,0,1,"","true","false","t","0","x",{},[],{"a":null},{"a":true},{"a":"no"},{"a":0}]',
      [
        '#(==true)#', '#(==false)#', '#(!=true)#', '#(>false)#', '#(>=true)#', '#(<true)#', '#(<=false)#', '#(==~true)#', '#(==~false)#',
        '#(==~null)#', '#(==~*)#', '#(!=~true)#', '#(!=~*)#', '#(==~x)#', '#(~true)#', '#(="~true")#', '#(a==~true)#', '#(a==~false)#',
        '#(a==~null)#', '#(a==~*)#', '#(a!=~*)#', '#(a)#', '#(==null)#', '#(=="")#', '#(==0)#', '#(>=0)#', '#(%"*")#', '#(!)#', '#(a!~true)#',
        '#(>~false)#', '#(<~true)#', '#(>=~true)#',
      ],
    ],
    [
      '["é","日本","😀","a*b","a\\\\b","\\uffff"]',
      [
        '#(%"?")#', '#(%"??")#', '#(%"日*")#', '#(%"a\\\\*b")#', '#(>"日")#', '#(%"*本")#', '#(%"a\\*b")#', '#(%"*\\\\")#', '#(%"a?b")#',
      ],
    ],
  ],
  pipes: [
    'Where a pipe is not a dot, and where a dot is a pipe',
    [
      PEOPLE,
      [
        'name|first', 'name.first|@this', 'friends|#', 'friends.#|#', 'friends.#(age>40)#|#', 'friends.#(age>40)#.#', 'name|', '|name', '||',
        'name||first', 'nope|@tostr', 'nope|{a}', 'nope|!1', 'children|@reverse|0', 'children.@reverse.0', 'friends.#.first|@reverse',
        'friends.#.first.@reverse', 'friends.#.nets.@reverse', 'friends.#.nets|@flatten', 'friends.#.nets.@flatten', 'fav\\.movie|@tostr',
        'friends.#(first|@this=="Dale")', 'friends.#.@this|0', 'friends.#|x', 'name.{first|@tostr}', 'friends.#(age>40)#.{first|@tostr}|0',
        'friends.#.{"a":first}|#', 'friends.#.{first}|@this|0', 'friends.#.nets.#(=="a|b")#|#', 'friends.#.nets.#[=="a|b"]#|#', 'friends.#.nets.#(%"(|*")|0',
        'friends.#.nets.#((a|b)|c)|0', 'friends.#.#(a|b)#|1', 'friends.#.nets.#|0',
      ],
    ],
  ],
  modifiers: [
    'Every modifier, with right and wrong arguments, on values that it is for and others',
    [
      PEOPLE,
      [
        '@this.age', '@valid.age', 'children.@reverse', 'name.@reverse', 'age.@reverse', 'children.@keys', 'name.@keys', 'age.@keys',
        'children.@values', 'name.@values', 'age.@values', 'name.@tostr', 'name.@tostr.@fromstr', 'children.0.@fromstr', 'age.@fromstr',
        'friends.#.nets.@group', '@group', 'friends.@join', 'friends.@join:{"preserve":true}', 'friends.#.{first}.@join', 'name.@join', '@dig:first',
        '@dig:nets', '@dig:nets.0', '@dig:nope', '@dig', '@dig:#', '@dig:#(>"j")', 'children.@ugly', 'friends.0.@ugly', 'friends.0.@nope',
        'friends.0.@this.first', '@this|@this|age', '@this:{"a":1}.age', '@this:{"a":1}x', '@this:a.age', '@this:a|age', '@this:"a|b"|age',
        '@This.age', '@', '@:', '@this:', '@thisage', 'name.@keys:x|0', '@valid:x|@valid|name.@valid|first', 'name.@valid.@valid',
      ],
    ],
    [
      '[1,[2],[3,4],[5,[6,[7]]],{"a":[8]},[ ],[[]]]',
      [
        '@flatten', '@flatten:{"deep":true}', '@flatten:{"deep":1}', '@flatten:{"deep":"T"}', '@flatten:{"deep":"x"}', '@flatten:true',
        '@flatten|@flatten', '@flatten.#',
      ],
    ],
    [
      '[{"a":1,"b":2},{"a":3},{},5,{"c":4,"a":5}]',
      ['@join', '@join:{"preserve":true}', '@join:{"preserve":0}', '@join.a', '@join:{"preserve":true}.a'],
    ],
    ['[{"":1,"a":""}]', ['0.@keys', '0.@values', '0.@reverse', '@join', '@dig:""', '0.', '#(a=="")']],
    ['{"a":[1,2],"b":[3],"c":4,"d":[5,6,7]}', ['@group', '@group.#', '@group.1', '@group|0.b', 'c.@group']],
    [
      '{"s":"{\\"a\\":[1,2]}","t":"plain","u":"1.50","v":"<&>\\u2028\\u0001\\n\\"\\\\"}',
      [
        's.@fromstr', 's.@fromstr.a.1', 's|a.1', 's.a', 't.@fromstr', 't.@fromstr.@tostr', 'u.@fromstr', 'v.@tostr', 'v.@tostr.@tostr', 'v.@this',
        '@tostr',
      ],
    ],
  ],
  pretty: [
    'How @pretty and @ugly lay out',
    [
      '{"b":{"x":[1,2,3],"y":{}},"a":[{"z":1},[]],"long":["aaaaaaaaaaaaaaaaaaaa","bbbbbbbbbbbbbbbbbbbbbbbbb","cccccccccccccccccccccccc","dddd"],"a":"again","é":null,"nested":[[1,[2]],[3,{"q":1}]]}',
      [
        '@pretty', '@pretty:{"sortKeys":true}', '@pretty:{"indent":"\\t"}', '@pretty:{"indent":""}', '@pretty:{"indent":"x y"}',
        '@pretty:{"prefix":"  "}', '@pretty:{"width":10}', '@pretty:{"width":0}', '@pretty:{"width":-1}', '@pretty:{"width":1000}',
        '@pretty:{"width":"20","sortKeys":"1"}', '@pretty:{"nope":1}', '@pretty:[]', '@pretty|@ugly', '@pretty|@pretty', 'long.@pretty',
        'nested.@pretty:{"width":12}', 'b.@pretty', '@ugly',
      ],
    ],
    [' [ 1 , "a b" , { } ] ', ['@ugly', '@pretty', '@pretty:{"width":3}', '@this']],
    ['"text"', ['@pretty', '@ugly']],
    ['[[1],[22],{"a":[3]}]', ['@pretty:{"width":3}', '@pretty:{"width":4}', '@pretty:{"width":5}', '@pretty:{"width":6}', '@pretty:{"width":7}', '@pretty:{"width":true}', '@pretty:{"width":10}']],
    ['[[1,[2,{}]],[3,4]]', ['@pretty:{"width":10}', '@pretty:{"width":11}', '@pretty:{"width":12}', '@pretty:{"width":13}']],
    ['[{"k":2,"k":10,"k":"b","k":"a","k":null,"k":true,"k":[1],"k":false}]', ['@pretty:{"sortKeys":true}', '@pretty']],
  ],
  multipaths: [
    'Objects and arrays made of several paths',
    [
      PEOPLE,
      [
        '{age}', '{age,nope}', '{nope}', '{}', '[]', '{name.first,age}', '{"first":name.first,"x":age}', '{x:age}', '{x y:age}', '{"x":age,"x":age}',
        '[age,name.first,nope]', '{name,children.#}', '{children.0}', '{name|first}', '{friends.#.first}', '{friends.#(age>50)#.last}',
        '{name.{first}}', '{a:{b:{c:age}}}', '[[age],[age]]', '{age}.age', '{age}|age', '[age].0', '[age]|#', '{age}x', '[age]age', '{age', '[age',
        '{age}}', '{"a,b":age}', '{"a\\"b":age}', '{"bad:age}', '{:age}', '{@this.age}', '{name.@keys}', '{"x":name.@pretty:{"indent":""}}',
        '{"x":!1,"y":!"s",!true}', '{fav\\.movie}', '{age,}', '{,age}', '[,]', '{é:age}', '{<:age}', 'name.{first,"l":last}', 'name.[first,last]',
        'name|[last,first]|0', 'friends.0.{first,nets.0}', 'friends.#.{first,"n":nets.#}', '{"#":children.#}', '{children.#,friends.#}',
        '{"x":[age,{age}]}', '{name.@pretty:{"width":1},age}', '{name|@this:x,age}', '{x@this:age}',
      ],
    ],
  ],
  literals: [
    'Values that are written in the path',
    [
      '{"a":1,"!x":2}',
      [
        '!1', '!-1.50', '!1e3', '!true', '!false', '!null', '!nan', '!NaN', '!inf', '!Null', '!TRUE', '!"x"', '!"x', '!"a.b"', '!"a\\nb"',
        '!{"b":2}', '!{"b":2}.b', '!{"b":[1,2]}|b.1', '![1,2].1', '![1,2', '!x', '!', '!!', '!"x".y', '!1.a', '!1|a', '!true.a', '!true|@tostr',
        '{"v":!{"b":2}.b}', '[!1,!"s",a]', 'a.!1', 'a|!1', '!+5', '!1_0', '!0x10', '!1}', '!"x"}.y',
      ],
    ],
  ],
  lines: [
    'JSON lines',
    [
      '{"a":1}\n{"a":2,"b":"x"}\n\n[3]\n"four" 5\n',
      [
        '..#', '..0', '..1.b', '..#.a', '..#(a==2).b', '..#(a)#', '..2.0', '..3', '..4', '..5', '..', '..a', '...', '..#.@this', '..#|@this', 'a',
        '#', '@this', '..1|b', '..@this', '..{a}',
      ],
    ],
    ['[1,2]', ['..#', '..0', '..0.1', '..1']],
  ],
  'not-quite-json': [
    'Texts that are not JSON, as far as gjson finds its way',
    ['{"a":1,"b":[1,2,],}', ['a', 'b', 'b.1', 'b.2', 'b.#', '@valid', '@keys', '@pretty', '@fromstr']],
    ['{"pem":"-----BEGIN-----\nline\n-----END-----\n","x":1}', ['pem', 'x']],
    ['{a:1,\'b\':2,"c":3}', ['a', 'b', 'c']],
    [
      '{"a":NaN,"b":Infinity,"c":+1,"d":1_0,"e":nul,"f":tru,"g":-}',
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'g|@tostr', '@pretty'],
    ],
    ['prefix {"a":1} suffix', ['a', '@this', '@keys', '#']],
    ['{"a":{"b":1', ['a', 'a.b', '@keys']],
    ['[1,"a', ['#', '0', '1', '#(>0)#', '#.a']],
    ['[1,2', ['#', '1', '#(>0)#', '#(>1)', '#.a']],
    ['{"a":"x","b":"y', ['a', 'b']],
    ['text', ['a', '@this', '@tostr', '#', '{a}', '!1']],
  ],
};

// biome-ignore format: a table
const PROPERTIES: readonly Source[] = [
  [
    '{"a.b":"literal","a":{"b":"nested","c":[{"d":1}]},"x*y.z":"wild","@this.a":"at"}',
    [
      'a.b', 'a\\.b', 'a.c', 'a.c.0.d', 'a.c.#.d', 'a.c.#(d==1).d', '{a.b}', '{a.c}', '{a.c.0.d,"x":a.b}', '[a.c]', '[a.b,a]', '@this.a.b',
      '@this.a', '@dig:a.b', '@dig:c.0', '!"a.b"', 'a|b', 'a|c.0', 'x*y.z', '*.z', '*.b', 'a.@keys', '..0.a', '..#', 'nope.x', '.',
      'a.c.#(d==1.0).d', '@pretty:{"indent":".."}',
    ],
  ],
];

function casesOf(
  [json, paths]: Source,
  isProperty: boolean,
  encoding: 'utf8' | 'latin1' = 'utf8',
): readonly PathCase[] {
  return paths.map((path) => ({ json: Buffer.from(json, encoding), path, isProperty }));
}

/** Each character is a byte. */
// biome-ignore format: a table
const BYTES: Source = [
  '{"a":"\xff\xc3\xa9\xe2\x80","\xff":"key","b":["\xff","\xc3\xa9","\xe2\x80\xa8"]}',
  ['a', 'a.@tostr', '?', 'b.#(%"?")#', 'b.#(%"??")#', 'b.#(>"\ufffd")#', 'b.#(%"\ufffd")#', '@pretty', 'b.@tostr', '{a}', '{b.0}'],
];

export const CURATED: readonly Topic<PathCase>[] = [
  ...Object.entries(DOCUMENTS).map(([name, [about, ...sources]]) => ({
    name,
    about,
    cases: sources.flatMap((source) => casesOf(source, false)),
  })),
  { name: 'bytes', about: 'Texts that are not UTF-8', cases: casesOf(BYTES, false, 'latin1') },
  {
    name: 'properties',
    about: 'What external-secrets does: a path with dots is first tried with all of them escaped',
    cases: PROPERTIES.flatMap((source) => casesOf(source, true)),
  },
];
