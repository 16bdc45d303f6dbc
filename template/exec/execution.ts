import { printed } from '../format/print.ts'
import type { Block, Node, TemplateSet } from '../syntax/nodes.ts'
import { Dictionary, Integer, int, isTrue, List, type Value } from '../value.ts'
import { Evaluation, type Surroundings } from './evaluation.ts'
import { Scope } from './scope.ts'

/** Whether a loop goes on behind the node. */
type Flow = 'next' | 'break' | 'continue'

/** Walks the blocks of a template and gathers what they write. */
export class Execution {
  readonly #set: TemplateSet
  readonly #surroundings: Surroundings
  readonly #evaluation: Evaluation
  readonly #output: string[] = []

  constructor(set: TemplateSet, surroundings: Surroundings) {
    this.#set = set
    this.#surroundings = surroundings
    this.#evaluation = new Evaluation(surroundings)
  }

  /** The output as a byte string. */
  run(root: Value): string {
    this.#block(this.#set.blocks.get(this.#set.name) ?? [], new Scope(root))
    return this.#output.join('')
  }

  #block(block: Block, scope: Scope): Flow {
    for (const node of block) {
      const flow = this.#node(node, scope)
      if (flow !== 'next') return flow
    }
    return 'next'
  }

  #node(node: Node, scope: Scope): Flow {
    if ('pipe' in node && node.pipe) this.#surroundings.trouble.visit(node.pipe.at)
    this.#surroundings.context.budget.spend(1)
    switch (node.kind) {
      case 'text':
        this.#write(node.text)
        return 'next'
      case 'action': {
        const value = this.#evaluation.pipe(node.pipe, scope)
        if (node.pipe.variables.length === 0) this.#write(printed(value, this.#surroundings.context.budget))
        return 'next'
      }
      case 'if':
      case 'with':
        return this.#choice(node, scope)
      case 'range':
        return scope.within(scope.dot, () => this.#range(node, scope))
      case 'template':
        this.#call(node, scope)
        return 'next'
      case 'break':
      case 'continue':
        return node.kind
    }
  }

  #choice(node: Node & { readonly kind: 'if' | 'with' }, scope: Scope): Flow {
    return scope.within(scope.dot, () => {
      const value = this.#evaluation.pipe(node.pipe, scope)
      if (!isTrue(value)) return this.#block(node.otherwise ?? [], scope)
      return scope.within(node.kind === 'with' ? value : scope.dot, () => this.#block(node.body, scope))
    })
  }

  #range(node: Node & { readonly kind: 'range' }, scope: Scope): Flow {
    const silent = { ...node.pipe, variables: [] }
    const value = this.#evaluation.pipe(silent, scope)
    const { variables, isAssignment } = node.pipe
    if (value instanceof Integer && variables.length > 1) {
      this.#surroundings.trouble.evaluation(node.pipe.at, 'a number ranges over one variable only')
    }
    let isEmpty = true
    for (const [key, element] of this.#elements(value, node)) {
      isEmpty = false
      this.#surroundings.context.budget.spend(1)
      const flow = scope.within(element, () => {
        const values = variables.length > 1 ? [key, element] : [element]
        for (const [index, name] of variables.entries()) {
          if (isAssignment) scope.assign(name, values[index] ?? null)
          else scope.declare(name, values[index] ?? null)
        }
        return this.#block(node.body, scope)
      })
      if (flow === 'break') break
    }
    return isEmpty ? this.#block(node.otherwise ?? [], scope) : 'next'
  }

  *#elements(value: Value, node: Node & { readonly kind: 'range' }): Generator<readonly [Value, Value]> {
    if (value === null) return
    if (value instanceof List) {
      for (const [index, item] of [...value.items].entries()) yield [int(index), item]
    } else if (value instanceof Dictionary) yield* value.sorted()
    else if (value instanceof Integer && value.text === undefined) {
      for (let index = 0n; index < value.value; index += 1n)
        yield [new Integer(index, value.type), new Integer(index, value.type)]
    } else this.#surroundings.trouble.evaluation(node.pipe.at, "range can't iterate over a value of this type")
  }

  #call(node: Node & { readonly kind: 'template' }, scope: Scope): void {
    const block = this.#set.blocks.get(node.called)
    if (!block) return this.#surroundings.trouble.evaluation(node.at, 'no template of that name is defined')
    const root = node.pipe ? this.#evaluation.pipe(node.pipe, scope) : null
    this.#surroundings.context.budget.deeper(() => this.#block(block, new Scope(root)))
  }

  #write(text: string): void {
    this.#surroundings.context.budget.output(text.length)
    this.#output.push(text)
  }
}
