import type { FastifyInstance } from 'fastify';
import Schema from 'typebox/schema';

export interface Content {
  readonly schema: object;
  readonly example?: unknown;
}

export interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Content>> }>
  >;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface DocumentedRoute {
  readonly method: Method;
  /** With `{chat_id}` in it. */
  readonly path: string;
  readonly operation: Operation;
}

/** What `/openapi.json` of a server says. */
export class ApiDocument {
  readonly json: Readonly<Record<string, unknown>> & { readonly components: { readonly schemas: object } };
  readonly routes: readonly DocumentedRoute[];
  readonly #checks = new WeakMap<object, ReturnType<typeof Schema.Compile>>();

  private constructor(json: ApiDocument['json']) {
    this.json = json;
    const paths = Object.entries(json.paths as Record<string, Record<string, Operation>>);
    this.routes = paths.flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => ({
        method: method.toUpperCase() as Method,
        path,
        operation,
      })),
    );
  }

  static async of(app: FastifyInstance): Promise<ApiDocument> {
    return new ApiDocument((await app.inject('/openapi.json')).json());
  }

  /** @param url of a server that listens. */
  static async at(url: string): Promise<ApiDocument> {
    return new ApiDocument((await (await fetch(`${url}/openapi.json`)).json()) as ApiDocument['json']);
  }

  route(method: string, path: string): DocumentedRoute {
    const found = this.routes.find((route) => route.method === method && route.path === path);
    if (found === undefined) throw new Error(`${method} ${path} is not documented`);
    return found;
  }

  /** The examples of a body: its own, or those of its schema. */
  examples({ schema, example }: Content): readonly unknown[] {
    if (example !== undefined) return [example];
    const name = String(Reflect.get(schema, '$ref')).replace('#/components/schemas/', '');
    return Reflect.get(this.json.components.schemas, name)?.examples ?? [];
  }

  /** What is wrong with `value` by a schema of this document; nothing when it conforms. */
  errors(schema: object, value: unknown): unknown[] {
    const check = this.#checks.get(schema) ?? Schema.Compile({ ...schema, components: this.json.components });
    this.#checks.set(schema, check);
    if (check.Check(value)) return [];
    const [, errors] = check.Errors(value);
    return errors;
  }
}
