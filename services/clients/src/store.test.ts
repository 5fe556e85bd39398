import { clientStoreContract } from './store.contract.ts';
import { memoryClientStore } from './store.memory.ts';

clientStoreContract(async () => memoryClientStore());
