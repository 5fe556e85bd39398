import { notificationStoreContract } from './store.contract.ts';
import { memoryNotificationStore } from './store.memory.ts';

notificationStoreContract('the memory twin', async () => memoryNotificationStore());
