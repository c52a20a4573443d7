import { describe, expect, it } from 'vitest';
import { belongsToFolder } from './belongs-to-folder.js';

const cached = '/cache/models--a--b/snapshots/0123';

describe('belongsToFolder', () => {
  it.each([
    ['/models/a', '/models/a/onnx/model.onnx'],
    ['/models/a', '/models/a/..b'],
    ['/', '/model.onnx'],
    [cached, '/cache/models--a--b/blobs/4567'],
    [`${cached}/onnx`, '/cache/models--a--b/blobs/4567'],
    ['/snapshots/x/models--a--b/snapshots/0123', '/snapshots/x/models--a--b/blobs/4567'],
  ])('%s has %s', (folder, file) => {
    expect(belongsToFolder(folder, file)).toBe(true);
  });

  it.each([
    ['/models/a', '/models/ab/model.onnx'],
    ['/models/a', '/models'],
    ['/models/a', '/models/blobs/4567'],
    [cached, '/cache/models--a--b/blobs/further/4567'],
    [cached, '/cache/models--other/blobs/4567'],
    [cached, '/cache/models--a--b/refs/main'],
    [cached, '/cache/models--a--b/snapshots/89ab/config.json'],
    ['/cache/models--a--b/snapshots', '/cache/models--a--b/blobs/4567'],
    ['/snapshots/x', '/blobs/4567/a'],
  ])('%s does not have %s', (folder, file) => {
    expect(belongsToFolder(folder, file)).toBe(false);
  });
});
