import { authSettings } from '@shop/shared/auth/auth-settings';
import { httpSettings } from '@shop/shared/http/app';
import { lifecycleSettings } from '@shop/shared/lifecycle';
import { mongoSettings } from '@shop/shared/mongo/connect';

export const settings = { ...lifecycleSettings, ...httpSettings('3003'), ...mongoSettings, ...authSettings };
