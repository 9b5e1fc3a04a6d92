export function storeContract(): void {}
