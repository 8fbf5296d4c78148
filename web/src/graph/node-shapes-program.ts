// A sigma node program that draws every node in its type's shape (signed distance fields in the fragment shader), with a rim.
import type { Attributes } from "graphology-types";
import { NodeProgram, type ProgramInfo } from "sigma/rendering";
import type { NodeDisplayData, RenderParams } from "sigma/types";
import { floatColor } from "sigma/utils";
import { shapes, type Shape } from "../ui/node-types.ts";

const vertexShader = /* glsl */ `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec4 a_rim;
attribute vec2 a_position;
attribute float a_size;
attribute float a_shape;
attribute vec2 a_corner;
uniform mat3 u_matrix;
uniform float u_sizeRatio;
uniform float u_correctionRatio;
varying vec4 v_color;
varying vec4 v_rim;
varying vec2 v_corner;
varying float v_pixel;
varying float v_shape;
const float bias = 255.0 / 254.0;
void main() {
  float size = a_size * u_correctionRatio / u_sizeRatio * 4.0;
  // 1.35: room around the unit circle for the shapes' corners.
  vec2 position = a_position + size * a_corner * 1.35 * 0.5;
  gl_Position = vec4((u_matrix * vec3(position, 1)).xy, 0, 1);
  v_corner = a_corner * 1.35;
  v_pixel = u_correctionRatio * 2.0 / size;
  v_shape = a_shape;
  v_rim = a_rim;
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= bias;
  v_rim.a *= bias;
}`;

const fragmentShader = /* glsl */ `
precision highp float;
varying vec4 v_color;
varying vec4 v_rim;
varying vec2 v_corner;
varying float v_pixel;
varying float v_shape;
const vec4 transparent = vec4(0.0);
float hexagon(vec2 p) {
  p = abs(p);
  return max(p.x * 0.866 + p.y * 0.5, p.y) - 0.92;
}
float triangle(vec2 p) {
  p.y += 0.12;
  return max(abs(p.x) * 0.866 + p.y * 0.5, -p.y) - 0.6;
}
void main(void) {
  float distance;
  vec2 p = v_corner;
  if (v_shape < 0.5) distance = length(p) - 0.92;
  else if (v_shape < 1.5) distance = max(abs(p.x), abs(p.y)) - 0.8;
  else if (v_shape < 2.5) distance = (abs(p.x) + abs(p.y)) * 0.7071 - 0.8;
  else if (v_shape < 3.5) distance = hexagon(p.yx);
  else distance = triangle(p);
  #ifdef PICKING_MODE
  gl_FragColor = distance > 0.0 ? transparent : v_color;
  #else
  float feather = max(v_pixel, 0.01) * 1.2;
  float rim = 0.2;
  vec4 inside = mix(v_color, v_rim, smoothstep(-rim - feather, -rim, distance));
  gl_FragColor = mix(inside, transparent, smoothstep(-feather, 0.0, distance));
  #endif
}`;

const uniforms = ["u_sizeRatio", "u_correctionRatio", "u_matrix"] as const;

/** `shape` and `rim` are read from the node's attributes. */
export class NodeShapesProgram<
  N extends Attributes = Attributes,
  E extends Attributes = Attributes,
  G extends Attributes = Attributes,
> extends NodeProgram<(typeof uniforms)[number], N, E, G> {
  getDefinition() {
    const { FLOAT, UNSIGNED_BYTE, TRIANGLE_STRIP } = WebGLRenderingContext;
    return {
      VERTICES: 4,
      VERTEX_SHADER_SOURCE: vertexShader,
      FRAGMENT_SHADER_SOURCE: fragmentShader,
      METHOD: TRIANGLE_STRIP,
      UNIFORMS: uniforms,
      ATTRIBUTES: [
        { name: "a_position", size: 2, type: FLOAT },
        { name: "a_size", size: 1, type: FLOAT },
        { name: "a_shape", size: 1, type: FLOAT },
        { name: "a_color", size: 4, type: UNSIGNED_BYTE, normalized: true },
        { name: "a_rim", size: 4, type: UNSIGNED_BYTE, normalized: true },
        { name: "a_id", size: 4, type: UNSIGNED_BYTE, normalized: true },
      ],
      CONSTANT_ATTRIBUTES: [{ name: "a_corner", size: 2, type: FLOAT }],
      CONSTANT_DATA: [
        [-1, -1],
        [1, -1],
        [-1, 1],
        [1, 1],
      ],
    };
  }

  processVisibleItem(nodeIndex: number, start: number, data: NodeDisplayData & { shape?: Shape; rim?: string }): void {
    const array = this.array;
    array[start] = data.x;
    array[start + 1] = data.y;
    array[start + 2] = data.size;
    array[start + 3] = Math.max(0, shapes.indexOf(data.shape ?? "circle"));
    array[start + 4] = floatColor(data.color);
    array[start + 5] = floatColor(data.rim ?? data.color);
    array[start + 6] = nodeIndex;
  }

  setUniforms(params: RenderParams, { gl, uniformLocations }: ProgramInfo<(typeof uniforms)[number]>): void {
    gl.uniform1f(uniformLocations.u_correctionRatio, params.correctionRatio);
    gl.uniform1f(uniformLocations.u_sizeRatio, params.sizeRatio);
    gl.uniformMatrix3fv(uniformLocations.u_matrix, false, params.matrix);
  }
}
