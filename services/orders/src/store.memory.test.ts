import { orderStoreContract } from './store.contract.ts';
import { memoryOrderStore } from './store.memory.ts';

orderStoreContract('the memory twin', async () => memoryOrderStore());
