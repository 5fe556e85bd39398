import { paymentStoreContract } from './store.contract.ts';
import { memoryPaymentStore } from './store.memory.ts';

paymentStoreContract('the memory twin', async () => memoryPaymentStore());
