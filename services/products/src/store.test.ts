import { productStoreContract } from './store.contract.ts';
import { memoryProductStore } from './store.memory.ts';

productStoreContract(async () => memoryProductStore());
