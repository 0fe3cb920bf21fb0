/** The error for something that this machine lacks: one line that says what to install. */

export class MissingTool extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MissingTool';
    // Whoever reads it has to install something, not to debug us.
    this.stack = `${this.name}: ${message}`;
  }
}
