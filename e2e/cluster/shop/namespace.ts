/** The same for every test file: whoever comes second finds it installed. `npm run test:cluster` removes it at the end. */
export const namespace = process.env.SHOP_NAMESPACE ?? 'shop-test';
