import { clone, create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { readJson } from '@pliant/fixtures';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addPorts } from '../assemble/ported-model.js';
import { InvalidModelError, UnsupportedModelError } from '../errors.js';
import { TINY_MODELS, tinyModel } from '../graph-runner.test.support.js';
import { makeNode, makeValue } from '../onnx/node-builder.js';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from '../onnx/onnx_pb.js';
import { describeCapabilities } from './capabilities.js';
import { readModelGraph } from './model-graph.js';

interface Meta {
  readonly layers: number;
  readonly queryHeads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly hiddenSize: number;
  readonly vocabSize: number;
  readonly maxPositions: number;
}

describe.each(TINY_MODELS)('tiny-%s', (name) => {
  const { bytes, model } = tinyModel(name);
  const meta = readJson<Meta>(`models/tiny-${name}/meta.json`);

  test('sizes, with and without config.json', () => {
    const { slidingWindows, ...sizes } = model.shape;
    expect(sizes).toEqual({
      layers: meta.layers,
      heads: meta.queryHeads,
      kvHeads: meta.kvHeads,
      headDim: meta.headDim,
      hidden: meta.hiddenSize,
      vocabulary: meta.vocabSize,
      maxPositions: meta.maxPositions,
    });
    expect(readModelGraph(bytes).shape).toEqual(model.shape);
    expect(slidingWindows).toEqual(
      { mistral: [32, 32, 32, 32], gemma3: [16, 16, 0, 16, 16, 0] }[name as string],
    );
  });

  test('layers are found by data flow, whatever the nodes are called', () => {
    const proto = fromBinary(ModelProtoSchema, bytes);
    for (const [at, node] of proto.graph!.node.entries()) node.name = `n${at}`;
    const renamed = readModelGraph(toBinary(ModelProtoSchema, proto));
    expect(renamed.structure).toEqual(model.structure);
    expect(model.structure).not.toHaveProperty('reason');
    const windows = model.shape.slidingWindows !== undefined;
    expect(Object.keys(model.missing)).toEqual(windows ? ['positions.renumber'] : []);
    expect(describeCapabilities(model).every(({ available }) => available)).toBe(!windows);
  });

  test('adding ports leaves the model as it was', () => {
    const before = Buffer.from(toBinary(ModelProtoSchema, model.model));
    addPorts(model, { cache: 'new-rows', gates: true, evidence: ['scores', 'hiddenMeans'] });
    expect(before.equals(toBinary(ModelProtoSchema, model.model))).toBe(true);
  });
});

test('what the layers do', () => {
  const attention = (name: string) => tinyModel(name).model.attentions;
  expect(attention('llama')[0]).toMatchObject({
    packed: true,
    scale: 0.25,
    softcap: 0,
    slidingWindow: 0,
    rotary: { dimensions: 16, interleaved: false, cosCache: 'cos_cache', sinCache: 'sin_cache' },
  });
  expect(attention('qwen3')[0].packed).toBe(false);
  expect(attention('phi3')[0].rotary).toMatchObject({ dimensions: 16 });
  expect(attention('smollm3')[3].rotary).toBeUndefined();
  expect(attention('smollm3')[2].rotary).toBeDefined();
  const tables = attention('gemma3').map(({ rotary }) => (rotary as { cosCache: string }).cosCache);
  expect(new Set(tables).size).toBe(2);
});

describe('models that are refused', () => {
  test.each<[string, (graph: GraphProto, model: ModelProto) => void, RegExp]>([
    [
      'other attention',
      (graph) => retype(graph, 'MultiHeadAttention'),
      /MultiHeadAttention.*model builder/,
    ],
    [
      'no attention',
      (graph) => retype(graph, 'Identity'),
      /no attention that is known.*model builder/,
    ],
    [
      'embeddings as input',
      (graph) => rename(graph, 'input_ids', 'inputs_embeds'),
      /inputs_embeds/,
    ],
    ['an unknown input', (graph) => graph.input.push(makeValue('mood', 1, [1])), /mood/],
    ['no logits', (graph) => rename(graph, 'logits', ''), /no logits/],
    [
      'a shared cache',
      (graph) => setInput(graph, 3, 'past_key_values.0.key'),
      /cache input of its own/,
    ],
    ['an int8 cache', (graph) => retypeCaches(graph, TensorProto_DataType.INT8), /INT8/],
    [
      'a mask used elsewhere',
      (graph) => addMaskUse(graph),
      /more than the cache lengths.*mask_use/,
    ],
    ['an attention bias', (graph) => setInput(graph, 10, 'cos_cache'), /attention bias/],
    ['a quantised cache', (graph) => setInput(graph, 12, 'cos_cache'), /quantised/],
    ['no rotation tables', (graph) => setInput(graph, 7, ''), /tables/],
    ['an old opset', (_, model) => (model.opsetImport[0].version = 11n), /opset 11/],
    ['an unequal number of heads', (graph) => setHeads(graph), /number of heads/],
  ])('%s', (_, change, message) => {
    expect(() => readModelGraph(changed(change))).toThrow(UnsupportedModelError);
    expect(() => readModelGraph(changed(change))).toThrow(message);
  });

  test.each<[string, (graph: GraphProto, model: ModelProto) => void, RegExp]>([
    ['no graph', (_, model) => (model.graph = undefined), /no graph/],
    ['a tensor made twice', (graph) => graph.node.push(graph.node[0]), /Two nodes/],
    ['a tensor never made', (graph) => setInput(graph, 0, 'nowhere'), /'nowhere'/],
    ['a cycle', (graph) => setInput(graph, 0, 'logits'), /cycle/],
    ['no opset', (_, model) => (model.opsetImport = []), /opset/],
  ])('%s, as damaged', (_, change, message) => {
    expect(() => readModelGraph(changed(change))).toThrow(InvalidModelError);
    expect(() => readModelGraph(changed(change))).toThrow(message);
  });

  test.each(['../weights', '/etc/passwd', 'a/../../b', 'C:\\weights', '\\\\host\\b', 'a\0b', ''])(
    'weights in %j',
    (location) => {
      const outside = changed((graph) => setLocation(graph, location));
      expect(() => readModelGraph(outside)).toThrow(InvalidModelError);
      expect(() => readModelGraph(outside)).toThrow(/inside the model's folder/);
    },
  );

  test('weights in a file of the folder are listed', () => {
    const inside = changed((graph) => setLocation(graph, 'parts/model.onnx_data'));
    expect(readModelGraph(inside).externalFiles).toEqual(['parts/model.onnx_data']);
  });

  test('the config of another model', () => {
    const { bytes, config } = tinyModel('llama');
    const other = { ...(config as object), num_hidden_layers: 12 };
    expect(() => readModelGraph(bytes, other)).toThrow(/12 layers.*4/);
  });

  test('files that are no ONNX', () => {
    for (const text of ['', '{}', '<html></html>', 'version https://git-lfs.github.com/spec/v1\n'])
      expect(() => readModelGraph(new TextEncoder().encode(text))).toThrow(InvalidModelError);
  });
});

describe('capabilities that a graph lacks', () => {
  test('layers joined by something unknown cannot be left out', () => {
    const model = readModelGraph(
      changed((graph) => {
        const norms = graph.node.filter(({ opType }) => opType.startsWith('Skip'));
        for (const node of norms) node.opType = 'HomeMadeNorm';
      }),
      tinyModel('llama').config,
    );
    const table = describeCapabilities(model);
    expect(table.filter(({ available }) => !available).map(({ capability }) => capability)).toEqual(
      ['hidden.means', 'block.influences', 'hidden.rows', 'layers.skip'],
    );
    expect(model.missing['layers.skip']).toMatch(/layer 1.*Use an export/);
    const ports = { cache: 'in-place', gates: false } as const;
    expect(() => addPorts(model, { ...ports, gates: true })).toThrow(UnsupportedModelError);
    expect(() => addPorts(model, { ...ports, evidence: ['hiddenMeans'] })).toThrow(
      UnsupportedModelError,
    );
    expect(() => addPorts(model, { ...ports, evidence: ['blockInfluences'] })).toThrow(
      UnsupportedModelError,
    );
    expect(() => addPorts(model, { ...ports, leftOut: [1] })).toThrow(UnsupportedModelError);
    expect(() => addPorts(model, { ...ports, layers: 2 })).toThrow(UnsupportedModelError);
    expect(addPorts(model, ports).length).toBeGreaterThan(0);
  });

  test('a tensor that jumps over layers keeps them from being left out', () => {
    const model = readModelGraph(
      changed((graph) => {
        const first = '/model/layers.1/attn/o_proj/MatMul/output_0';
        const later = graph.node.find(({ name }) => name === '/model/layers.3/mlp/Mul')!;
        graph.node.splice(
          graph.node.indexOf(later),
          0,
          makeNode('Add', [later.input[0], first], ['jump']),
        );
        later.input[0] = 'jump';
      }),
    );
    expect(model.missing['layers.skip']).toMatch(/o_proj/);
    expect(model.missing['hidden.means']).toBeUndefined();
  });

  test('rotation tables that the graph computes rule out scores', () => {
    const model = readModelGraph(
      changed((graph) => {
        graph.node.unshift(makeNode('Identity', ['cos_cache'], ['cos']));
        graph.node.unshift(makeNode('Identity', ['sin_cache'], ['sin']));
        setInput(graph, 7, 'cos');
        setInput(graph, 8, 'sin');
      }),
      tinyModel('llama').config,
    );
    expect(model.missing.scores).toMatch(/rotation tables.*Export/);
    expect(model.missing['positions.renumber']).toMatch(/rotation tables.*Export/);
  });

  test('a fixed batch rules out batches', () => {
    const model = readModelGraph(
      changed((graph) => {
        for (const input of graph.input)
          if (input.name.startsWith('past'))
            input.type = makeValue('', TensorProto_DataType.FLOAT, [1, 2, 'rows', 16]).type;
      }),
    );
    expect(model.missing.batch).toMatch(/batch of 1/);
  });

  test.each([0, 5, 1.5])('a cut at %d layers is refused', (layers) => {
    const ports = { cache: 'in-place', gates: false } as const;
    expect(() => addPorts(tinyModel('llama').model, { ...ports, layers })).toThrow(/1 to 4/);
  });
});

describe('damaged files', () => {
  const whole = changed((graph) => {
    // Without weights: damage then falls on the graph, and each try is short.
    for (const tensor of graph.initializer) tensor.rawData = new Uint8Array();
  });

  /** Reads, and where that works adds ports; only typed errors may come out. */
  function attempt(bytes: Uint8Array): void {
    try {
      const model = readModelGraph(bytes);
      const able = !model.missing['layers.skip'] && !model.missing['hidden.means'];
      addPorts(model, {
        cache: 'new-rows',
        gates: able,
        evidence: able ? ['scores', 'hiddenMeans'] : ['scores'],
      });
    } catch (error) {
      if (!InvalidModelError.isInstance(error) && !UnsupportedModelError.isInstance(error))
        throw error;
    }
  }

  test('the undamaged one is read', () => {
    expect(readModelGraph(whole).shape.layers).toBe(4);
  });

  test('cut short anywhere', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        attempt(whole.subarray(0, length));
      }),
      { numRuns: 200, seed: 1 },
    );
    expect(() => readModelGraph(whole.subarray(0, whole.length - 1))).toThrow(InvalidModelError);
  });

  test('bytes changed', () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        attempt(bytes);
      }),
      { numRuns: 600, seed: 2 },
    );
  });

  test('nodes dropped, swapped, doubled and rewired', () => {
    const base = fromBinary(ModelProtoSchema, whole);
    const count = base.graph!.node.length;
    const step = fc.tuple(
      fc.constantFrom('drop', 'double', 'rewire', 'unname'),
      fc.nat(),
      fc.nat(),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), (steps) => {
        const model = clone(ModelProtoSchema, base);
        const { node } = model.graph!;
        for (const [kind, a, b] of steps) {
          const [one, other] = [node[a % node.length], node[b % node.length]];
          if (kind === 'drop' && node.length > count / 2) node.splice(a % node.length, 1);
          else if (kind === 'double') node.push(create(NodeProtoSchema, { ...one, output: ['x'] }));
          else if (kind === 'rewire' && one.input.length > 0)
            one.input[b % one.input.length] = other.output[0] ?? '';
          else if (kind === 'unname') one.output = [];
        }
        attempt(toBinary(ModelProtoSchema, model));
      }),
      { numRuns: 150, seed: 3 },
    );
  });

  test('noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        attempt(bytes);
      }),
      { numRuns: 500, seed: 4 },
    );
  });

  test('millions of empty messages, or deep nesting, are refused before they are allocated', () => {
    const many = new Uint8Array(6_000_000);
    // A graph (field 7) of empty nodes (field 1).
    many.set([0x3a, ...varint(many.length - 5)]);
    for (let at = 5; at < many.length; at += 2) many[at] = 0x0a;
    expect(() => readModelGraph(many)).toThrow(/more than 1000000/);

    let graph = create(GraphProtoSchema, { name: 'innermost' });
    for (let depth = 0; depth < 30; depth++)
      graph = create(GraphProtoSchema, {
        node: [
          create(NodeProtoSchema, {
            opType: 'If',
            attribute: [
              create(AttributeProtoSchema, {
                name: 'then_branch',
                type: AttributeProto_AttributeType.GRAPH,
                g: graph,
              }),
            ],
          }),
        ],
      });
    const deep = toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph }));
    expect(() => readModelGraph(deep)).toThrow(/levels deep/);

    // Groups, an old form of nesting that ends nowhere.
    const groups = new Uint8Array(3_000_000).fill(0x0b);
    expect(() => readModelGraph(groups)).toThrow(InvalidModelError);
  });
});

function varint(value: number): number[] {
  return [0, 7, 14, 21].map((shift) => ((value >> shift) & 0x7f) | (shift < 21 ? 0x80 : 0));
}

/** tiny-llama, changed. */
function changed(change: (graph: GraphProto, model: ModelProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, tinyModel('llama').bytes);
  change(model.graph!, model);
  return toBinary(ModelProtoSchema, model);
}

function attentions(graph: GraphProto): NodeProto[] {
  return graph.node.filter(({ opType }) => opType === 'GroupQueryAttention');
}

function retype(graph: GraphProto, opType: string): void {
  for (const node of attentions(graph)) node.opType = opType;
}

function setInput(graph: GraphProto, at: number, name: string): void {
  for (const node of attentions(graph)) {
    while (node.input.length <= at) node.input.push('');
    node.input[at] = name;
  }
}

function setHeads(graph: GraphProto): void {
  const node = attentions(graph)[1];
  for (const attribute of node.attribute) if (attribute.name === 'num_heads') attribute.i = 8n;
}

function rename(graph: GraphProto, from: string, to: string): void {
  for (const value of [...graph.input, ...graph.output]) if (value.name === from) value.name = to;
  for (const node of graph.node) node.input = node.input.map((name) => (name === from ? to : name));
}

function addMaskUse(graph: GraphProto): void {
  const last = graph.node.at(-1)!;
  const node = makeNode('Add', [last.input[0], 'attention_mask'], ['mask_use']);
  graph.node.splice(-1, 0, node);
  last.input[0] = 'mask_use';
}

function retypeCaches(graph: GraphProto, type: TensorProto_DataType): void {
  for (const input of graph.input)
    if (input.name.startsWith('past'))
      input.type = makeValue('', type, ['batch', 2, 'rows', 16]).type;
}

function setLocation(graph: GraphProto, location: string): void {
  const [tensor] = graph.initializer;
  tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
  tensor.externalData = [
    create(StringStringEntryProtoSchema, { key: 'location', value: location }),
  ];
}
